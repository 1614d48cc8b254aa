"""Raw gRPC calls, and the errors that come back."""

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2


async def call(channel: grpc.aio.Channel, message: bytes, method: str) -> bytes:
    """Send raw bytes as a request and return the reply's bytes."""
    remote: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
    return await remote(message, timeout=20)


async def failure(channel: grpc.aio.Channel, message: bytes, method: str) -> grpc.aio.AioRpcError:
    """Send raw bytes as a request and return the error that comes back."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, message, method)
    return caught.value


def details(error: grpc.aio.AioRpcError) -> dict[str, Any]:
    """Return the details of an error by the name of their type."""
    kinds = (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo)
    packed = next(value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin")
    found = {}
    for detail in status_pb2.Status.FromString(packed).details:
        for kind in kinds:
            message = kind()
            if detail.Unpack(message):
                found[kind.__name__] = message
    return found
