"""What open-loop drivers have in common: each request is sent when it is due, and what comes of it is noted."""

import asyncio
import gc
import os
from array import array
from collections.abc import Callable, Coroutine
from contextlib import suppress
from time import perf_counter
from typing import Any

import numpy as np
import uvloop

from loadtest.openloop.alarm import Alarm
from loadtest.openloop.driver_process import Stopped
from loadtest.openloop.effort import Effort, Share
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.schedule import Seconds
from loadtest.openloop.server_timing import stages

Send = Callable[[int], bool]  # gets a request's number; returns whether it went out at once

# Before the servers, where this user may say so: a driver on a machine of its own would not wait for them.
_PRIORITY = -10
_AT_ONCE = 32  # requests sent before replies are read again
_LOOK = 0.02  # seconds between two looks for replies that do not come, and for a word from the parent


def run(driver: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run a driver in this process, which has nothing else to do meanwhile."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, _PRIORITY)
    gc.freeze()  # what is there already is not looked through again and again; calls of gRPC do leave garbage
    try:
        return uvloop.run(driver)
    finally:
        gc.unfreeze()


class Pace:
    """Sends requests at their times, counted from `start` (of `time.perf_counter`), until it is told to stop."""

    def __init__(self, due: Seconds, start: float, stopped: Stopped) -> None:
        count = len(due)
        self._start = start
        self._stopped = stopped
        self._due = array("d", due.tobytes())  # quicker than numpy, value by value
        self._lag, self._latency = array("d", bytes(8 * count)), array("d", bytes(8 * count))
        self._status, self._waited = array("h", bytes(2 * count)), bytearray(count)
        self._timing: list[bytes | None] = [None] * count
        self._sent = 0
        self._under_way = 0

    async def run(self, send: Send, look: Callable[[], object]) -> Outcome:
        """Send all requests; return what came of them. `look` is called often, until the last one has ended."""
        alarm = Alarm(lambda: alarm.set(self._send_due(send)))
        alarm.set(self._start)
        await asyncio.sleep(self._start - perf_counter())
        effort = Effort()
        sending = True
        while sending or self._under_way:
            await asyncio.sleep(_LOOK)
            look()
            if sending and (self._sent == len(self._due) or self._stopped()):
                sending = False
                alarm.close()
        return self._outcome(effort.share())

    def _send_due(self, send: Send) -> float | None:
        """Send what is due; return when the next request is, None when there is none."""
        number, due = self._sent, self._due
        last = min(len(due), number + _AT_ONCE)
        while number < last and (lag := perf_counter() - self._start - due[number]) >= 0:
            self._under_way += 1
            self._lag[number] = lag
            self._waited[number] = not send(number)
            number += 1
        self._sent = number
        return self._start + due[number] if number < len(due) else None

    def end(self, number: int, status: int, timing: bytes | None = None) -> None:
        """Note that a request has ended, and the times that its reply told."""
        self._latency[number] = perf_counter() - self._start - self._due[number]
        self._status[number] = status
        self._timing[number] = timing
        self._under_way -= 1

    def _outcome(self, share: Share) -> Outcome:
        rows = (np.frombuffer(self._lag), np.frombuffer(self._latency), np.frombuffer(self._status, np.int16))
        waited = np.frombuffer(self._waited, np.bool_)
        return Outcome(np.frombuffer(self._due), *rows, waited, *share, stages(self._timing)).rows(slice(self._sent))
