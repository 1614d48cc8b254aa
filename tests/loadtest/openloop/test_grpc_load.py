"""The open-loop gRPC driver, against a real server."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import numpy as np
import pytest

from loadtest.openloop.fleet import drive, split
from loadtest.openloop.grpc_load import GrpcLoad, run
from loadtest.openloop.outcome import CLOSED, LATE, Outcome
from loadtest.openloop.schedule import Phase, constant

_ERRORS = {
    b"full": grpc.StatusCode.RESOURCE_EXHAUSTED,
    b"gone": grpc.StatusCode.UNAVAILABLE,
    b"broken": grpc.StatusCode.INTERNAL,
    b"other": grpc.StatusCode.NOT_FOUND,
}


class Service:
    """Answers with its stage times; "slow" takes half a second, other words are errors."""

    def __init__(self) -> None:
        self.asked: Counter[bytes] = Counter()
        self.clients: set[str] = set()
        self.keys: set[str] = set()
        self.address = ""

    def answer(self, payload: bytes, context: Any) -> bytes:
        self.asked[payload] += 1
        self.clients.add(context.peer())
        self.keys.update(value for name, value in context.invocation_metadata() if name == "key")
        if payload in _ERRORS:
            context.abort(_ERRORS[payload], "no")
        time.sleep(0.5 if payload == b"slow" else 0)
        context.set_trailing_metadata([("server-timing", "wait;dur=0.5, infer;dur=2")])
        return b"reply"


@pytest.fixture
def service() -> Iterator[Service]:
    """A server that runs."""
    service = Service()
    server = grpc.server(ThreadPoolExecutor(32))
    handler: Any = grpc.unary_unary_rpc_method_handler(service.answer)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("a.B", {"Ask": handler})])
    service.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield service
    server.stop(None).wait()


def load(service: Service, *messages: bytes) -> GrpcLoad:
    """Messages that are due in turn, 50 of them within half a second."""
    return GrpcLoad(service.address, "/a.B/Ask", messages, constant([Phase(100, 0.5)]))


def send(load: GrpcLoad) -> Outcome:
    """Send them from one process."""
    return drive(run, [load])


def test_every_message_is_sent_once_and_its_stages_are_told(service: Service) -> None:
    """As many as were planned, no earlier than planned, with their metadata; on as many connections as wanted."""
    seen = send(load(service, b"one", b"two")._replace(metadata=[("key", "secret")], channels=3))
    assert seen.status.tolist() == [200] * 50
    assert service.asked == {b"one": 25, b"two": 25}
    assert service.keys == {"secret"}
    assert len(service.clients) == 3
    assert np.all(seen.lag >= 0)
    assert np.all(seen.latency > 0)
    assert {name: set(values.tolist()) for name, values in seen.stages.items()} == {"wait": {0.5}, "infer": {2.0}}


def test_failures_are_told_apart(service: Service) -> None:
    """Refused, not available, broken, anything else; a reply in time beside them."""
    seen = send(load(service, b"fine", *_ERRORS))
    assert seen.status[:5].tolist() == [200, 429, 503, 500, CLOSED]
    assert np.isnan(seen.stages["wait"]).tolist() == [False, True, True, True, True] * 10


def test_deadline_and_patience_are_told_apart(service: Service) -> None:
    """A call that the deadline ends, and one whose reply is no longer awaited."""
    assert set(send(load(service, b"slow")._replace(deadline=0.2)).status.tolist()) == {504}
    assert set(send(load(service, b"slow")._replace(patience=0.2)).status.tolist()) == {LATE}


def test_several_processes_share_the_load(service: Service) -> None:
    """Each message is sent as often as one process would, at the same times."""
    whole = load(service, b"one", b"two", b"three")
    seen = drive(run, split(whole, 2))
    assert service.asked == {b"one": 17, b"two": 17, b"three": 16}
    assert np.array_equal(seen.due, whole.due)
    assert len(service.clients) == 2


def test_no_server_is_not_an_answer() -> None:
    """Calls to a port that nobody listens on fail, each of them."""
    assert set(send(GrpcLoad("127.0.0.1:1", "/a.B/Ask", [b"one"], constant([Phase(10, 1)]))).status.tolist()) == {503}
