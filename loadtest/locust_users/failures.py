"""What a request ends in that got no answer, named so that equal failures are counted together."""

from math import ceil
from typing import Any

import grpc
import msgspec
from google.rpc import error_details_pb2, status_pb2

from loadtest.openloop.outcome import REFUSALS

# How texts begin. In a distributed run the text is all that the master gets to see of a failure.
REFUSED = "refused"
UNREACHABLE = "unreachable"
_DETAILS = "grpc-status-details-bin"
_REFUSALS = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
_CONNECTING = "failed to connect"  # how gRPC's own text begins where nobody listens


class RequestFailedError(Exception):
    """No answer; `retry_after` holds the seconds after which a refused request may be sent again."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after

    @property
    def unreachable(self) -> bool:
        """Whether nobody listens there."""
        return str(self).startswith(UNREACHABLE)

    def __repr__(self) -> str:
        return str(self)  # what Locust shows and counts by


class _Problem(msgspec.Struct):
    type: str = ""


def unreachable(error: Exception) -> RequestFailedError:
    """Return the failure of a request that got no reply at all."""
    return RequestFailedError(f"{UNREACHABLE}: {getattr(error, 'strerror', None) or type(error).__name__}")


def http_failure(status: int, body: bytes, retry_after: str | None) -> RequestFailedError:
    """Return the failure that an HTTP reply stands for; `retry_after` is the header's value."""
    try:
        slug = msgspec.json.decode(body, type=_Problem).type.rpartition("#")[2]
    except msgspec.DecodeError:  # somebody else's error page
        slug = ""
    seconds = float(retry_after) if retry_after and retry_after.isdecimal() else None
    return _failure(f"{status} {slug}".rstrip(), seconds, refused=status in REFUSALS)


def grpc_failure(error: Any) -> RequestFailedError:
    """Return the failure that a gRPC status stands for; `error` is the RpcError that the call raised."""
    code, text = error.code(), error.details() or ""
    if code is grpc.StatusCode.UNAVAILABLE and text.startswith(_CONNECTING):
        return RequestFailedError(f"{UNREACHABLE}: {text.rpartition(': ')[2]}")
    reason, seconds = _details(error)
    said = "" if reason == code.name else f" {reason or text}".rstrip()
    return _failure(f"{code.name}{said}", seconds, refused=code in _REFUSALS)


def _details(error: Any) -> tuple[str, float | None]:
    """Return the reason that programs read and the delay, where the service sent them."""
    reason, seconds = "", None
    status = status_pb2.Status()
    status.ParseFromString(dict(error.trailing_metadata() or ()).get(_DETAILS, b""))
    for each in status.details:
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if each.Unpack(info):
            reason = info.reason
        elif each.Unpack(retry):
            seconds = retry.retry_delay.ToTimedelta().total_seconds()
    return reason, seconds


def _failure(what: str, seconds: float | None, *, refused: bool) -> RequestFailedError:
    if not refused:
        return RequestFailedError(what)
    # Whole seconds: of every other delay there would be a line of its own.
    wait = "" if seconds is None else f", try again in {ceil(seconds)} s"
    return RequestFailedError(f"{REFUSED}: {what}{wait}", seconds)
