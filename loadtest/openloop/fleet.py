"""Several drivers that send one load together."""

from collections.abc import Callable, Sequence
from math import inf
from multiprocessing.connection import wait
from time import perf_counter
from typing import Protocol, Self, TypeVar

from loadtest.errors import LoadTestError
from loadtest.openloop.driver_process import DriverProcess, Run
from loadtest.openloop.outcome import Outcome, merged

L = TypeVar("L")
T = TypeVar("T")
_FOREVER = 1e6  # seconds
_LEAD = 0.3  # seconds in which drivers that have their loads open connections


class Divisible(Protocol):
    """A load that several processes can share."""

    def part(self, place: int, processes: int) -> Self:
        """Return what the process `place`, counted from 0, has to send."""
        ...


D = TypeVar("D", bound=Divisible)


def split(load: D, processes: int) -> list[D]:
    """Divide a load: request i is sent by process i % `processes`, and the connections are shared out."""
    return [load.part(place, processes) for place in range(processes)]


def drive(run: Run[L], loads: Sequence[L], start: float | None = None) -> Outcome:
    """Send each load from a process of its own; return what became of all requests. Raises LoadTestError."""
    return Fleet(run, loads, start).outcome()


class Fleet:
    """Sends each load from a process of its own, all from `start` on: a time of `time.perf_counter`.

    By default that is when all processes are ready. Ctrl-C does not reach the processes: `stop` ends them, and gives
    what was measured until then.
    """

    def __init__(self, run: Run[L], loads: Sequence[L], start: float | None = None) -> None:
        """Start the processes. Raises LoadTestError where one of them dies."""
        self.connections = sum(getattr(load, "connections", inf) for load in loads)
        self._processes = [DriverProcess() for _ in loads]  # they start up side by side
        for process, load in zip(self._processes, loads, strict=True):
            process.give(run, load, start)
        self.start = start if start is not None else self._begin()

    def _begin(self) -> float:
        self._each(self._processes, DriverProcess.await_ready)
        start = perf_counter() + _LEAD
        for process in self._processes:
            process.begin(start)
        return start

    @property
    def clock(self) -> float:
        """Seconds since the start; negative before."""
        return perf_counter() - self.start

    def wait(self, seconds: float = _FOREVER) -> bool:
        """Wait for the end, at most so many seconds; return whether it has come. Raises LoadTestError if one fails."""
        until = perf_counter() + seconds
        while silent := {process.channel: process for process in self._processes if not process.ended}:
            speaking = wait(list(silent), max(0.0, until - perf_counter()))
            if not speaking:
                return False
            self._each([process for channel, process in silent.items() if channel in speaking], DriverProcess.outcome)
        return True

    def stop(self) -> Outcome:
        """Send nothing more; return what became of all that was sent. Raises LoadTestError."""
        for process in self._processes:
            process.stop()
        return self.outcome()

    def outcome(self) -> Outcome:
        """Wait for the end; return what became of the loads. Raises LoadTestError as soon as one cannot be sent."""
        self.wait()
        return merged(self._each(self._processes, DriverProcess.outcome))

    def _each(self, processes: Sequence[DriverProcess], question: Callable[[DriverProcess], T]) -> list[T]:
        try:
            return [question(process) for process in processes]
        except LoadTestError:
            for process in self._processes:
                process.kill()
            raise
