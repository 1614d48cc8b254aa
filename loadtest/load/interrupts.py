"""Ctrl-C and SIGTERM: noted, so that what is under way can end well; a second one ends the program at once."""

import signal
import sys
from types import FrameType, TracebackType
from typing import Self

EXIT_CODE = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Notes signals while the context lasts."""

    def __init__(self) -> None:
        self.happened = False

    def __enter__(self) -> Self:
        self._before = [signal.signal(each, self._note) for each in _SIGNALS]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for each, handler in zip(_SIGNALS, self._before, strict=True):
            signal.signal(each, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.happened:
            sys.exit(EXIT_CODE)  # what was measured before is stored already
        self.happened = True
