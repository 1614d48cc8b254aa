"""Asking a service over gRPC, before it is loaded."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from loadtest.errors import LoadTestError
from loadtest.load.grpc_service import GrpcService, Messages
from loadtest.processes import free_ports

METHOD = "/scoring.v1.Scoring/MatchFaq"
MESSAGES = Messages("faq", METHOD, [b"question"], 1, lambda reply: {"model": reply.decode()})


@contextmanager
def answering(code: grpc.StatusCode) -> Iterator[str]:
    """A service that answers the key that it is shown, or with a status."""

    def answer(_: bytes, context: grpc.ServicerContext) -> bytes:
        if code != grpc.StatusCode.OK:
            context.abort(code, "Because.")
        return str(dict(context.invocation_metadata()).get("authorization")).encode()

    handlers: dict[str, Any] = {"MatchFaq": grpc.unary_unary_rpc_method_handler(answer)}
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("scoring.v1.Scoring", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(1).wait()


def test_answer_tells_how_long_it_took_and_which_model_gave_it() -> None:
    """The key goes along as metadata."""
    with answering(grpc.StatusCode.OK) as address:
        answer = GrpcService(address, "the-key", MESSAGES).ask()
    assert answer.seconds > 0
    assert answer.served == {"model": "Bearer the-key"}


@pytest.mark.parametrize(
    ("code", "hint"),
    [("UNAUTHENTICATED", "--key-file"), ("PERMISSION_DENIED", "--key-file"), ("UNAVAILABLE", "ready"),
     ("RESOURCE_EXHAUSTED", "quota"), ("NOT_FOUND", "published"), ("INTERNAL", "log")],
)  # fmt: skip
def test_refusal_says_why_and_what_to_do(code: str, hint: str) -> None:
    """In the service's own words."""
    with answering(grpc.StatusCode[code]) as address, pytest.raises(LoadTestError) as raised:
        GrpcService(address, "", MESSAGES).ask()
    assert str(raised.value) == f"{address} answers {code}: Because."
    assert hint in raised.value.hint


def test_another_server_s_port_is_told() -> None:
    """It has no such method."""
    other = MESSAGES._replace(method="/another.Service/Method")
    with answering(grpc.StatusCode.OK) as address, pytest.raises(LoadTestError, match="UNIMPLEMENTED") as raised:
        GrpcService(address, "", other).ask()
    assert "port" in raised.value.hint


def test_service_that_is_down_is_told() -> None:
    """In few words."""
    (port,) = free_ports(1)
    with pytest.raises(LoadTestError) as raised:
        GrpcService(f"127.0.0.1:{port}", "", MESSAGES).ask()
    assert str(raised.value) == f"nobody answers at 127.0.0.1:{port}: Connection refused"


@pytest.mark.parametrize(
    "address", ["", "host", "host:", ":8081", "host:port", "host:0", "host:99999", "http://host:80"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """With an example."""
    with pytest.raises(LoadTestError) as raised:
        GrpcService(address, "", MESSAGES)
    assert "127.0.0.1:8081" in raised.value.hint
