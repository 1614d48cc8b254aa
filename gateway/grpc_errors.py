"""Errors as gRPC statuses, with details for programs (https://cloud.google.com/apis/design/errors)."""

from collections.abc import Sequence
from typing import Any, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from gateway.errors import STATUS, ScoringError, UnavailableError, describe

SERVICE = "scoring.v1.Scoring"

Context = grpc.aio.ServicerContext[bytes, bytes]


async def abort(context: Context, error: ScoringError, trailers: Sequence[tuple[str, str]] = ()) -> NoReturn:
    """End a call with the status of an error, and with further trailing metadata."""
    code = grpc.StatusCode[STATUS[type(error)].grpc]
    number: int = code.value[0]
    status = status_pb2.Status(
        code=number, message=describe(error), details=[_packed(each) for each in _details(error)]
    )
    metadata = (("grpc-status-details-bin", status.SerializeToString()), *trailers)
    await context.abort(code, status.message, metadata)


def _details(error: ScoringError) -> list[Message]:
    """Return reason, field and delay."""
    slug = STATUS[type(error)].slug
    facts: dict[str, Any] = {"limit": error.limit, "received": error.received}
    metadata = {name: str(value) for name, value in facts.items() if value is not None}
    reason = slug.replace("-", "_").upper()
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=reason, domain=SERVICE, metadata=metadata)]
    if error.field is not None:
        violation = error_details_pb2.BadRequest.FieldViolation(field=error.field, description=error.detail)
        details.append(error_details_pb2.BadRequest(field_violations=[violation]))
    if isinstance(error, UnavailableError):
        delay = Duration()
        delay.FromNanoseconds(int(error.retry_after * 1e9))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return details


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed
