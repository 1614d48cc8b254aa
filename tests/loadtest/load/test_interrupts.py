"""Ctrl-C and SIGTERM."""

import os
import signal

import pytest

from loadtest.load.interrupts import Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_is_noted_and_the_second_ends_all(number: signal.Signals) -> None:
    """With the exit code of an interrupted program; afterwards, signals do what they did before."""
    before = signal.getsignal(number)
    seen = []
    with Interrupts() as interrupts:
        seen.append(interrupts.happened)
        os.kill(os.getpid(), number)
        seen.append(interrupts.happened)
        with pytest.raises(SystemExit) as raised:
            os.kill(os.getpid(), number)
        assert raised.value.code == 130
    assert seen == [False, True]
    assert signal.getsignal(number) == before
