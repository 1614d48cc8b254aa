"""A load generator that stays: a process of its own for all the short runs, so that none of them waits for a start."""

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter
from types import TracebackType
from typing import NamedTuple, ParamSpec, Self, TypeVar

from loadtest.errors import LoadTestError
from loadtest.grpc_driver import MODEL_INFER, closed_loop
from loadtest.meter import Round, Span
from loadtest.openloop import grpc_load
from loadtest.openloop.driver_process import interrupts_held
from loadtest.openloop.grpc_load import GrpcLoad
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.schedule import Seconds

P = ParamSpec("P")
T = TypeVar("T")

_HANDING_OVER = 0.15  # seconds until a process that waits has read its load


class Traffic(NamedTuple):
    """Requests for a Triton, sent in turn; each holds `list_size` items."""

    address: str
    messages: Sequence[bytes]
    list_size: int


class Driver:
    """Sends traffic from a process that lives while the context lasts."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def __enter__(self) -> Self:
        context = get_context("spawn")  # gRPC and threads do not survive a fork
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        with interrupts_held():
            self._process.start()
        theirs.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._ours.close()

    def burst(self, in_flight: int, span: Span) -> Round:
        """Keep so many requests under way. Raises LoadTestError."""
        address, messages, _ = self._traffic
        return self._ask(closed_loop, address, MODEL_INFER, messages, in_flight=in_flight, span=span)

    def send(self, due: Seconds, patience: float) -> Outcome:
        """Send a request whenever one is due; each reply is awaited for `patience` seconds. Raises LoadTestError."""
        address, messages, _ = self._traffic
        load = GrpcLoad(address, MODEL_INFER, messages, due, deadline=patience, patience=patience)
        return self._ask(grpc_load.run, load, perf_counter() + _HANDING_OVER, _never)

    def _ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            self._ours.send((function, args, kwargs))
            found = self._ours.recv()
        except (EOFError, BrokenPipeError):
            found = "its process died"
        if isinstance(found, str):
            raise LoadTestError(f"the load generator failed: {found}", "see that Triton is up, and look at its log")
        done: T = found
        return done


def _work(parent: Connection) -> None:
    while True:
        try:
            function, args, kwargs = parent.recv()
        except EOFError:
            return
        try:
            parent.send(function(*args, **kwargs))
        except (OSError, ValueError) as error:
            parent.send(str(error) or type(error).__name__)


def _never() -> bool:
    return False
