"""A driver at work in a process of its own, which shares no interpreter and no event loop with anything."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter
from typing import TypeVar

from loadtest.errors import LoadTestError
from loadtest.openloop.outcome import Outcome

START_UP = 2.0  # seconds that a driver's process may take to start

L = TypeVar("L")
Stopped = Callable[[], bool]  # whether the driver was told to send nothing more
Run = Callable[[L, float, Stopped], Outcome]  # a function of a module: sends a load from a time of perf_counter on


class Running:
    """Runs a driver from `start` (of `time.perf_counter`, by default soon) on."""

    def __init__(self, run: Run[L], load: L, start: float | None = None) -> None:
        self.start = perf_counter() + START_UP if start is None else start
        context = get_context("spawn")  # gRPC and threads do not survive a fork
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, run, load, self.start), daemon=True)
        self._process.start()
        theirs.close()

    def stop(self) -> Outcome:
        """Send nothing more; return what became of all that was sent. Raises LoadTestError."""
        self._ours.send(None)
        return self.outcome()

    def outcome(self) -> Outcome:
        """Wait for the end; return what became of the load. Raises LoadTestError."""
        try:
            found = self._ours.recv()
        except EOFError:
            found = "its process died"
        self._process.join()
        if not isinstance(found, Outcome):
            raise LoadTestError(f"the load generator failed: {found}", "see that the service listens where it should")
        return found


def _work(parent: Connection, run: Run[L], load: L, start: float) -> None:
    try:
        parent.send(run(load, start, parent.poll))
    except OSError as error:
        parent.send(str(error))
