"""What failures are called."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from loadtest.locust_users.failures import RequestFailedError, grpc_failure, http_failure, unreachable
from loadtest.processes import free_ports

OVERLOADED = b'{"type":"/docs#overloaded","title":"Overloaded","status":503}'


@pytest.mark.parametrize(
    ("status", "body", "header", "text", "seconds"),
    [
        (503, OVERLOADED, "2", "refused: 503 overloaded, try again in 2 s", 2.0),
        (429, b"<html>slow down</html>", None, "refused: 429", None),
        (429, b"", "Wed, 21 Oct 2026 07:28:00 GMT", "refused: 429", None),
        (401, b'{"type":"/docs#unauthenticated"}', None, "401 unauthenticated", None),
        (404, b'["no problem document"]', None, "404", None),
    ],
)
def test_http(status: int, body: bytes, header: str | None, text: str, seconds: float | None) -> None:
    """The status and the problem's name; a refusal says so, and when to come again."""
    failure = http_failure(status, body, header)
    assert (repr(failure), failure.retry_after, failure.unreachable) == (text, seconds, False)


def test_no_reply_over_http() -> None:
    """The operating system's reason is named, without the address: all such failures are one."""
    assert repr(unreachable(ConnectionRefusedError(111, "Connection refused"))) == "unreachable: Connection refused"
    assert repr(unreachable(TimeoutError())) == "unreachable: TimeoutError"
    assert unreachable(TimeoutError()).unreachable


def _abort(context: Any, code: grpc.StatusCode, text: str, *details: Any) -> None:
    packed = [AnyMessage() for _ in details]
    for each, message in zip(packed, details, strict=True):
        each.Pack(message)
    status = status_pb2.Status(code=code.value[0], message=text, details=packed)
    if details:
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, text)


def _refuse(_: bytes, context: Any) -> None:
    retry = error_details_pb2.RetryInfo(retry_delay=Duration(nanos=250_000_000))
    reason = error_details_pb2.ErrorInfo(reason="OVERLOADED")
    _abort(context, grpc.StatusCode.UNAVAILABLE, "128 images are waiting.", reason, retry)


def _turn_away(_: bytes, context: Any) -> None:
    reason = error_details_pb2.ErrorInfo(reason="UNAUTHENTICATED")
    _abort(context, grpc.StatusCode.UNAUTHENTICATED, "A key is needed.", reason)


def _fail(_: bytes, context: Any) -> None:
    _abort(context, grpc.StatusCode.NOT_FOUND, "Request for unknown model")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A gRPC server with a method for each way to fail; yields its address."""
    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool)
        methods = {"Refuse": _refuse, "TurnAway": _turn_away, "Fail": _fail}
        handlers: dict[str, Any] = {
            name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test", handlers),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait()


def _call(address: str, method: str) -> RequestFailedError:
    with grpc.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(f"/test/{method}")
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", timeout=5)
    return grpc_failure(caught.value)


@pytest.mark.parametrize(
    ("method", "text", "seconds"),
    [
        ("Refuse", "refused: UNAVAILABLE OVERLOADED, try again in 1 s", 0.25),
        ("TurnAway", "UNAUTHENTICATED", None),
        ("Fail", "NOT_FOUND Request for unknown model", None),
    ],
)
def test_grpc(server: str, method: str, text: str, seconds: float | None) -> None:
    """The status and the reason, or the text where a server such as Triton sends no reason."""
    failure = _call(server, method)
    assert (repr(failure), failure.retry_after, failure.unreachable) == (text, seconds, False)


def test_no_reply_over_grpc() -> None:
    """A port that nobody listens on is told from a service that is unavailable."""
    (port,) = free_ports(1)
    failure = _call(f"127.0.0.1:{port}", "Fail")
    assert failure.unreachable
    assert repr(failure).startswith("unreachable: Connection refused")
