"""The load that goes on while faults strike: at moderate rates, so that what fails does not fail for want of room."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import NamedTuple

from loadtest import grpc_driver
from loadtest.faq import plan as faq
from loadtest.faq.questions import SAMPLE_FILES, grpc_messages, http_bodies, read_questions
from loadtest.faults.report import DEADLINE, Sent
from loadtest.http_driver import Target, post
from loadtest.images import plan as images
from loadtest.images.pictures import photos
from loadtest.openloop import grpc_load, http_load
from loadtest.openloop.fleet import Fleet
from loadtest.openloop.grpc_load import GrpcLoad
from loadtest.openloop.http_load import Load
from loadtest.openloop.schedule import Phase, Seconds, poisson
from loadtest.stack import HOST

LONGEST = 600.0  # seconds that a load may go on; it is stopped when all is done
_START_UP = 2.0  # seconds in which the processes that send get ready
_PATIENCE = DEADLINE + 3.0  # seconds after which the client gives up on the service's own deadline


class Stream(NamedTuple):
    """One kind of requests: what sends it, and how many per second."""

    name: str
    per_s: float
    load: Load | GrpcLoad


def questions(port: int, per_s: float, headers: Mapping[str, str] | None = None) -> Stream:
    """Single questions over HTTP."""
    target = faq.target(port)._replace(headers=tuple((headers or {}).items()))
    return _http("FAQ, HTTP", per_s, target, http_bodies(read_questions(SAMPLE_FILES)))


def pictures(port: int, per_s: float) -> Stream:
    """Single pictures over HTTP."""
    return _http("images, HTTP", per_s, images.target(port), photos())


def grpc_questions(port: int, per_s: float) -> Stream:
    """Single questions over gRPC, on one connection."""
    messages = grpc_messages(read_questions(SAMPLE_FILES))
    load = GrpcLoad(f"{HOST}:{port}", grpc_driver.MATCH_FAQ, messages, _due(per_s), DEADLINE, _PATIENCE)
    return Stream("FAQ, gRPC", per_s, load)


def _http(name: str, per_s: float, target: Target, bodies: Sequence[bytes]) -> Stream:
    requests = [post(target, body) for body in bodies]
    return Stream(name, per_s, Load(target.address, requests, _due(per_s), warm=4, patience=_PATIENCE))


def _due(per_s: float) -> Seconds:
    return poisson([Phase(per_s, LONGEST)])


class UnderLoad:
    """Streams under way; `clock` says how many seconds."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        self.sent: list[Sent] = []
        self._streams = streams
        self._start = perf_counter() + _START_UP
        self._running = [_start(each, self._start) for each in streams]

    def clock(self) -> float:
        """Return the seconds since the first request was due."""
        return perf_counter() - self._start

    def stop(self) -> None:
        """Send nothing more, and wait for what is under way: from then on, `sent` holds it. Raises LoadTestError."""
        outcomes = [each.stop() for each in self._running]
        self.sent = [
            Sent(each.name, each.per_s, outcome) for each, outcome in zip(self._streams, outcomes, strict=True)
        ]


def _start(stream: Stream, start: float) -> Fleet:
    if isinstance(stream.load, GrpcLoad):
        return Fleet(grpc_load.run, [stream.load], start)
    return Fleet(http_load.run, [stream.load], start)


@contextmanager
def under_load(streams: Sequence[Stream]) -> Iterator[UnderLoad]:
    """Send streams while the context lasts, and a moment before it."""
    load = UnderLoad(streams)
    yield load
    load.stop()
