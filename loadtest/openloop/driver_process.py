"""One driver in a process of its own, which shares no interpreter and no event loop with anything."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import TypeVar

from loadtest.errors import LoadTestError
from loadtest.openloop.outcome import Outcome

L = TypeVar("L")
Stopped = Callable[[], bool]  # whether the driver was told to send nothing more
Run = Callable[[L, float, Stopped], Outcome]  # a function of a module: sends a load from a time of perf_counter on


class DriverProcess:
    """The parent's end; `channel` can be read once the driver has something to say."""

    def __init__(self) -> None:
        context = get_context("spawn")  # gRPC and threads do not survive a fork
        self.channel, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        with interrupts_held():
            self._process.start()
        theirs.close()
        self._outcome: Outcome | None = None

    def give(self, run: Run[L], load: L, start: float | None) -> None:
        """Hand over the load, to be sent from `start` (of `time.perf_counter`) on; None if that is still to be said."""
        self._say((run, load, start))

    def await_ready(self) -> None:
        """Wait until the driver has a load that it was given without a start. Raises LoadTestError."""
        self._heard()

    def begin(self, start: float) -> None:
        """Say from when on the load is to be sent."""
        self._say(start)

    def stop(self) -> None:
        """Send nothing more."""
        self._say(None)

    @property
    def ended(self) -> bool:
        """Whether its outcome has been heard."""
        return self._outcome is not None

    def outcome(self) -> Outcome:
        """Wait for the end; return what became of the load. Raises LoadTestError."""
        if self._outcome is None:
            found = self._heard()
            assert isinstance(found, Outcome)
            self._outcome = found
            self._process.join()
        return self._outcome

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()

    def _say(self, message: object) -> None:
        with suppress(BrokenPipeError):  # it has ended; what it said is still there
            self.channel.send(message)

    def _heard(self) -> object:
        self.channel.poll(None)  # where Ctrl-C interrupts the wait, nothing is lost
        try:
            found = self.channel.recv()
        except (EOFError, ConnectionResetError):
            found = "its process died"
        if isinstance(found, str):
            raise LoadTestError(f"the load generator failed: {found}", "see that the service listens where it should")
        return found


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back from this process for a moment, and from those that it starts meanwhile for ever.

    A terminal sends it to all of them; it is the parent who decides what is to become of the others.
    """
    resource_tracker.ensure_running()  # its start would let signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(parent: Connection) -> None:
    with suppress(EOFError, BrokenPipeError):  # the parent has gone: nobody is interested any more
        try:
            run, load, start = parent.recv()
            if start is None:
                parent.send(None)
                start = parent.recv()
            parent.send(run(load, start, parent.poll))
        except OSError as error:
            parent.send(str(error) or type(error).__name__)
