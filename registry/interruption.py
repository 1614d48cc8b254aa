"""SIGTERM and Ctrl-C: the work at hand tidies up and ends at once."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Interruption(BaseException):
    """Somebody asked this process to end."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.exit_code = 128 + signal_number


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise Interruption within when SIGTERM or Ctrl-C comes; a second one does not disturb the tidying up."""

    def interrupt(number: int, _: FrameType | None) -> NoReturn:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise Interruption(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(exit_code: int) -> NoReturn:
    """End now: a thread that waits for the network would keep the interpreter for up to half a minute."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
