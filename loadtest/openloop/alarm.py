"""A clock that wakes an event loop within some microseconds of the time, where loops' own timers count milliseconds."""

import asyncio
import ctypes
import os
import time
from collections.abc import Callable

_LIBC = ctypes.CDLL(None, use_errno=True)
_ABSOLUTE = 1  # TFD_TIMER_ABSTIME


class Alarm:
    """Calls a function at a time of `time.perf_counter`, which is the clock CLOCK_MONOTONIC, until it is closed.

    The function has to set the next time: else it is called again at once.
    """

    def __init__(self, on_time: Callable[[], None]) -> None:
        """Raise OSError where the system gives no timer."""
        self._timer = _LIBC.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._timer < 0:
            raise OSError(ctypes.get_errno(), "no timer")
        self._setting = (ctypes.c_long * 4)()  # struct itimerspec: the interval, then the time, in s and ns
        asyncio.get_running_loop().add_reader(self._timer, on_time)

    def set(self, at: float | None) -> None:
        """Call at this time; one that is over means now, None never."""
        seconds, rest = divmod(at or 0.0, 1)
        self._setting[2], self._setting[3] = int(seconds), int(rest * 1e9)
        _LIBC.timerfd_settime(self._timer, _ABSOLUTE, self._setting, None)

    def close(self) -> None:
        """Call no more."""
        asyncio.get_running_loop().remove_reader(self._timer)
        os.close(self._timer)
