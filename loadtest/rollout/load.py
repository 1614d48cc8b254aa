"""The load that goes on during all scenes: questions at random times, every reply to which is read and checked."""

import asyncio
from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import perf_counter
from typing import NamedTuple

import numpy as np
import uvloop
from numpy.typing import NDArray

from loadtest.errors import LoadTestError
from loadtest.openloop.outcome import OK, Outcome
from loadtest.openloop.pace import Pace
from loadtest.openloop.schedule import Phase, poisson
from loadtest.rollout.answers import Answer, Catalogs
from loadtest.rollout.asking import Asker

_LONGEST = 3600.0  # seconds; it is stopped when all is done
_START_UP = 1.0
_LAST_REPLIES = 60.0  # seconds for which they are awaited


class Stream(NamedTuple):
    """One kind of requests, so many per second; `connect` makes what sends them, in the load's own event loop."""

    name: str
    per_s: float
    connect: Callable[[], Asker]


class Sent(NamedTuple):
    """What became of a stream: beside the outcome, the version that each reply named (0: none), and what was wrong."""

    name: str
    per_s: float
    outcome: Outcome
    versions: NDArray[np.int16]
    faults: list[str]


class Load:
    """Streams under way, in a thread of their own: what the cluster does costs them nothing but cores."""

    def __init__(self, streams: Sequence[Stream], catalogs: Catalogs) -> None:
        self._streams = streams
        self._catalogs = catalogs
        self._start = perf_counter() + _START_UP
        self._stopping = Event()
        self._sent: list[Sent] = []
        self._error: Exception | None = None
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def clock(self) -> float:
        """Return the seconds since the first request was due."""
        return perf_counter() - self._start

    def stop(self) -> list[Sent]:
        """Send nothing more; return what became of all that was sent. Raises LoadTestError."""
        self._stopping.set()
        self._thread.join(_LAST_REPLIES)
        if self._error is not None or not self._sent:
            raise LoadTestError(f"the load ended early: {self._error}", "see what the system lacks") from self._error
        return self._sent

    def _work(self) -> None:
        try:
            self._sent = uvloop.run(self._run())
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller hears of it
            self._error = error

    async def _run(self) -> list[Sent]:
        running = [
            _Stream(stream, self._catalogs, self._start, self._stopping.is_set, seed)
            for seed, stream in enumerate(self._streams)
        ]
        return list(await asyncio.gather(*(each.run() for each in running)))


class _Stream:
    """One stream under way."""

    def __init__(
        self, stream: Stream, catalogs: Catalogs, start: float, stopped: Callable[[], bool], seed: int
    ) -> None:
        due = poisson([Phase(stream.per_s, _LONGEST)], seed)
        self._stream = stream
        self._catalogs = catalogs
        self._pace = Pace(due, start, stopped)
        self._asker = stream.connect()
        self._versions = np.zeros(len(due), np.int16)
        self._faults: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> Sent:
        outcome = await self._pace.run(send=self._send, look=lambda: None)
        await self._asker.close()
        versions = self._versions[: len(outcome.due)]
        return Sent(self._stream.name, self._stream.per_s, outcome, versions, self._faults)

    def _send(self, number: int) -> bool:
        task = asyncio.create_task(self._ask(number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _ask(self, number: int) -> None:
        answer = await self._asker.ask(number)
        self._pace.end(number, answer.status)
        if answer.status == OK:
            self._check(number, answer)

    def _check(self, number: int, answer: Answer) -> None:
        fault = self._catalogs.fault(answer)
        if fault is not None:
            self._faults.append(fault)
        else:
            self._versions[number] = int(answer.version)
