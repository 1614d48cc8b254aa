"""The gRPC driver, against a real server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from gateway.generated.scoring_pb2 import MatchFaqRequest
from loadtest.faq.questions import grpc_messages
from loadtest.grpc_driver import MATCH_FAQ, closed_loop
from loadtest.meter import Span

SPAN = Span(warm_up=0.2, seconds=0.4)


class Service:
    """Answers a question with its text, refuses "fail", gives nothing to "empty"."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def match_faq(self, payload: bytes, context: Any) -> bytes:
        question = MatchFaqRequest.FromString(payload).question
        self.asked.append(question)
        if question == "fail":
            context.abort(grpc.StatusCode.UNAVAILABLE, "no")
        return b"" if question == "empty" else question.encode()


@pytest.fixture
def service() -> Iterator[tuple[Service, str]]:
    """A server and its address."""
    service = Service()
    server = grpc.server(ThreadPoolExecutor(4))
    handler: Any = grpc.unary_unary_rpc_method_handler(service.match_faq)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("scoring.v1.Scoring", {"MatchFaq": handler})])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield service, f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_every_reply_is_counted_once(service: tuple[Service, str]) -> None:
    """Questions take turns, and the server was asked at least as often as the driver counted."""
    messages = grpc_messages(["one", "two"])
    seen = closed_loop(service[1], MATCH_FAQ, messages, in_flight=4, span=SPAN)
    assert seen.errors == 0
    assert 0 < seen.requests < len(service[0].asked)
    assert abs(service[0].asked.count("one") - service[0].asked.count("two")) <= 1


@pytest.mark.parametrize("bad", ["fail", "empty"])
def test_refusals_and_empty_replies_are_errors(service: tuple[Service, str], bad: str) -> None:
    """As many errors as the server was asked the bad question."""
    seen = closed_loop(service[1], MATCH_FAQ, grpc_messages(["good", bad]), in_flight=2, span=SPAN)
    assert seen.errors == service[0].asked.count(bad) > 0
    assert seen.requests > 0
