"""An open-loop HTTP/1.1 driver: raw requests over a pool of keep-alive connections, in a process of its own."""

import asyncio
import gc
import os
from array import array
from collections.abc import Sequence
from contextlib import suppress
from math import ceil
from time import perf_counter
from typing import NamedTuple, Self

import numpy as np
import uvloop

from loadtest.http_reply import Reply
from loadtest.openloop.alarm import Alarm
from loadtest.openloop.connections import Pool
from loadtest.openloop.driver_process import Stopped
from loadtest.openloop.effort import Effort, Share
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.schedule import Seconds, share
from loadtest.openloop.server_timing import stages

_NICE = -10  # before the servers, where this user may say so: a driver on a machine of its own would not wait for them
_AT_ONCE = 32  # requests sent before replies are read again
_SWEEP = 0.05  # seconds between two looks for replies that do not come, and for a word from the parent


class Load(NamedTuple):
    """What is sent where, and when; the requests take turns.

    `connections` are opened at most, `warm` of them before the start; a reply that takes longer than `patience`
    seconds is not awaited any longer.
    """

    address: tuple[str, int]
    requests: Sequence[bytes]
    due: Seconds
    connections: int = 1024
    warm: int = 32
    patience: float = 10.0

    def part(self, place: int, processes: int) -> Self:
        """Return what the process `place` of several has to send."""
        return self._replace(
            requests=share(self.requests, place, processes),
            due=self.due[place::processes],
            connections=ceil(self.connections / processes),
            warm=ceil(self.warm / processes),
        )


def run(load: Load, start: float, stopped: Stopped) -> Outcome:
    """Send the load in this process, which has nothing else to do. Raises OSError where nobody listens."""
    with suppress(PermissionError):
        os.nice(_NICE)
    gc.freeze()
    gc.disable()
    return uvloop.run(_run(load, start, stopped))


async def _run(load: Load, start: float, stopped: Stopped) -> Outcome:
    return await _Driver(load, start, stopped).run()


class _Driver:
    """Sends requests when they are due, and notes what comes of each."""

    def __init__(self, load: Load, start: float, stopped: Stopped) -> None:
        count = len(load.due)
        self._load = load
        self._start = start
        self._stopped = stopped
        self._due = array("d", load.due.tobytes())  # quicker than numpy, value by value
        self._lag, self._latency = array("d", bytes(8 * count)), array("d", bytes(8 * count))
        self._status, self._waited = array("h", bytes(2 * count)), bytearray(count)
        self._timing: list[bytes | None] = [None] * count
        self._next = 0
        self._under_way = 0
        self._all_sent, self._all_ended = asyncio.Event(), asyncio.Event()
        self._pool = Pool(load.address, load.connections, self._end)
        self._alarm = Alarm(self._send_due)

    async def run(self) -> Outcome:
        await self._pool.open(self._load.warm)
        sweeping = asyncio.create_task(self._sweep())
        await asyncio.sleep(self._start - perf_counter())
        effort = Effort()
        self._send_due()
        await self._all_sent.wait()
        self._alarm.close()
        while self._under_way:
            self._all_ended.clear()
            await self._all_ended.wait()
        share = effort.share()
        sweeping.cancel()
        self._pool.close()
        return self._outcome(share).first(self._next)

    def _outcome(self, share: Share) -> Outcome:
        rows = (np.frombuffer(self._lag), np.frombuffer(self._latency), np.frombuffer(self._status, np.int16))
        return Outcome(self._load.due, *rows, np.frombuffer(self._waited, np.bool_), *share, stages(self._timing))

    def _send_due(self) -> None:
        """Send what is due, and set the alarm to when the next request is."""
        number, due, requests = self._next, self._due, self._load.requests
        last = min(len(due), number + _AT_ONCE)
        while number < last and (lag := perf_counter() - self._start - due[number]) >= 0:
            self._under_way += 1
            self._lag[number] = lag
            self._waited[number] = not self._pool.send(number, requests[number % len(requests)])
            number += 1
        self._next = number
        if number < len(due):
            self._alarm.set(self._start + due[number])
        else:
            self._all_sent.set()

    def _end(self, number: int, reply: Reply) -> None:
        self._latency[number] = perf_counter() - self._start - self._due[number]
        self._status[number] = reply.status
        self._timing[number] = reply.timing
        self._under_way -= 1
        if not self._under_way:
            self._all_ended.set()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            self._pool.give_up(perf_counter() - self._load.patience)
            if self._stopped():
                self._all_sent.set()
