"""An open-loop HTTP/1.1 driver: raw requests over a pool of keep-alive connections, in a process of its own."""

import asyncio
import gc
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import ceil
from time import perf_counter, process_time
from typing import NamedTuple, Self

import numpy as np
import uvloop

from loadtest.openloop.connections import Pool
from loadtest.openloop.driver_process import Stopped
from loadtest.openloop.outcome import LATE, Outcome
from loadtest.openloop.schedule import Seconds, share

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
    return uvloop.run(_Driver(load, start, stopped).run())


class _Driver:
    """Sends requests when they are due, and notes what comes of each."""

    def __init__(self, load: Load, start: float, stopped: Stopped) -> None:
        count = len(load.due)
        self._load = load
        self._start = start
        self._stopped = stopped
        self._sending = True
        self._due = load.due.tolist()
        self._lag, self._latency, self._status = [0.0] * count, [0.0] * count, [0] * count
        self._waited = [False] * count
        self._under_way = 0
        self._none_left = asyncio.Event()
        self._pool = Pool(load.address, load.connections)

    async def run(self) -> Outcome:
        await self._pool.open(self._load.warm)
        sweeping = asyncio.create_task(self._sweep())
        await asyncio.sleep(self._start - perf_counter())
        used = process_time()
        sent = await self._send_all()
        while self._under_way:
            self._none_left.clear()
            await self._none_left.wait()
        busy = (process_time() - used) / (perf_counter() - self._start)
        sweeping.cancel()
        self._pool.close()
        status = np.array(self._status, np.int16)
        rows = (self._load.due, np.array(self._lag), np.array(self._latency), status, np.array(self._waited))
        return Outcome(*rows, busy).first(sent)

    async def _send_all(self) -> int:
        """Return how many requests were sent: all, unless the parent has enough."""
        place, due = 0, self._due
        while place < len(due) and self._sending:
            now = perf_counter() - self._start
            last = min(len(due), place + _AT_ONCE)
            while place < last and due[place] <= now:
                self._send(place)
                place += 1
            if place < len(due):
                await asyncio.sleep(max(0.0, due[place] - (perf_counter() - self._start)))
        return place

    def _send(self, place: int) -> None:
        requests = self._load.requests
        self._under_way += 1
        self._lag[place] = perf_counter() - self._start - self._due[place]
        self._waited[place] = not self._pool.send(requests[place % len(requests)], self._on_end(place))

    def _on_end(self, place: int) -> Callable[[int], None]:
        def end(status: int) -> None:
            self._latency[place] = perf_counter() - self._start - self._due[place]
            self._status[place] = status
            self._under_way -= 1
            if not self._under_way:
                self._none_left.set()

        return end

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            self._sending = self._sending and not self._stopped()
            self._pool.give_up(perf_counter() - self._load.patience, LATE)
