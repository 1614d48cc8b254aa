"""The frame of a gRPC method: let in, read, answered, and its errors as statuses.

A method is registered as one that takes a stream, which looks the same to clients that send one message: so it is
called with the metadata, and a message is taken in only once its request was let in. (An option of the server belongs
to that, grpc.http2.bdp_probe: see grpc_server.)
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

import grpc
from google.protobuf.message import Message

from gateway.arrivals import Arrivals
from gateway.call import CLIENT_GONE, Call
from gateway.errors import (
    BodyTooLargeError,
    DeadlineExceededError,
    MalformedBodyError,
    ScoringError,
    internal_fault,
)
from gateway.front_door import FrontDoor, Method
from gateway.grpc_errors import Context, abort
from gateway.heads import read_metadata

Answer = Callable[[bytes, Call], Awaitable[Message]]  # payload, call -> reply; raises ScoringError


class Intake(NamedTuple):
    """How a method takes its messages in."""

    max_bytes: int  # of a message
    at_once: int  # messages that may be arriving at a time: each may be as large as that before its size is known
    patience: float  # seconds that one may take to arrive


class GrpcMethod:
    """One method: called with the metadata, and with the message to come."""

    def __init__(self, method: Method, answer: Answer, door: FrontDoor, intake: Intake) -> None:
        self._method = method
        self._answer = answer
        self._door = door
        self._intake = intake
        self._arrivals = Arrivals(intake.at_once, intake.patience)

    def handler(self) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Return what a gRPC server needs to serve the method."""
        return grpc.stream_unary_rpc_method_handler(self._guarded)

    async def _guarded(self, _: object, context: Context) -> bytes:
        """Answer a call. What is not caught, grpcio shows to the client with its text."""
        try:
            return await self._call(context)
        except grpc.aio.AbortError:
            raise
        except grpc.aio.InternalError:  # the client has gone, and could not be told
            return b""
        except Exception as error:  # noqa: BLE001 - a fault of the frame itself
            await abort(context, internal_fault(error, "gRPC"), [])

    async def _call(self, context: Context) -> bytes:
        head = read_metadata(context.invocation_metadata() or ())
        call = self._door.opened("grpc", self._method, head.traceparent)
        try:
            await self._door.identify(call, self._method, head, context.time_remaining())
            self._door.admit(call, self._method, 0)
            reply = await self._answered(call, context)
        except ScoringError as error:
            await _abort(call, context, error)
        except asyncio.CancelledError:
            call.status = CLIENT_GONE
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not show its text to anyone
            await _abort(call, context, internal_fault(error, "gRPC"))
        finally:
            self._door.released(call)
            self._door.closed(call)
        context.set_trailing_metadata(trailers(call))
        return reply

    async def _answered(self, call: Call, context: Context) -> bytes:
        payload = await self._read(context)
        call.body_arrived(len(payload))
        if monotonic() >= call.until:
            raise DeadlineExceededError("The request was not answered in time.")
        if call.place is not None:
            call.place.hold(len(payload))
        answering = self._answer(payload, call)
        del payload  # of 20 MB perhaps: whoever answers lets it go when it can
        message = await answering
        reply = message.SerializeToString()
        call.encoded()
        call.status, call.sent = 200, len(reply)
        return reply

    async def _read(self, context: Context) -> bytes:
        limit = self._intake.max_bytes
        payload = await self._arrivals.take(context.read)
        if not isinstance(payload, bytes):  # grpc.aio.EOF: the stream ended without one
            raise MalformedBodyError("The call holds no message.")
        if len(payload) > limit:
            detail = f"The message must have at most {limit} bytes."
            raise BodyTooLargeError(detail, field="body", limit=limit, received=len(payload))
        return payload


def trailers(call: Call) -> list[tuple[str, str]]:
    """Return what every reply says beside its message: where the time went, its trace, what is left of the quota."""
    quota = [(name.decode(), value.decode()) for name, value in call.ticket.headers] if call.ticket else []
    timing = [("server-timing", call.server_timing())] if call.timing else []
    return [*timing, ("traceresponse", call.trace.header()), *quota]


async def _abort(call: Call, context: Context, error: ScoringError) -> None:
    call.refused(error)
    await abort(context, error, trailers(call))
