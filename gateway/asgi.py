"""Plain ASGI for the paths that must be fast: a POST with a JSON body, read within a limit, answered in one go."""

from collections.abc import Awaitable, Callable, MutableMapping
from time import monotonic
from typing import Any

from gateway.errors import (
    BodyTooLargeError,
    MethodNotAllowedError,
    ScoringError,
    UnsupportedMediaTypeError,
    internal_fault,
)
from gateway.problems import Headers, Reply, problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# body, time of arrival (of `time.monotonic`) -> headers, body
Handler = Callable[[bytes, float], Awaitable[tuple[Headers, bytes]]]

# A client that announces more than this after a refusal is cut off; smaller rests are read and dropped by the server,
# so that the client gets to read why it was refused.
_DROPPED_AT_MOST = 64 * 1024 * 1024


class _ClientGoneError(Exception):
    """The client hung up while its body was being read."""


class JsonPost:
    """An ASGI application for one path that takes JSON by POST."""

    def __init__(self, handler: Handler, *, max_body_bytes: int, any_media_type: bool = False) -> None:
        self._handler = handler
        self._max_body_bytes = max_body_bytes
        self._any_media_type = any_media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrival = monotonic()
        try:
            reply = await self._reply(scope, receive, arrival)
        except ScoringError as error:
            reply = problem(error)
        except _ClientGoneError:
            return
        except Exception as error:  # noqa: BLE001 - a fault of ours must not show its text to anyone
            reply = problem(internal_fault(error, "HTTP"))
        await send_reply(send, reply)

    async def _reply(self, scope: Scope, receive: Receive, arrival: float) -> Reply:
        if scope["method"] != "POST":
            if scope["method"] == "OPTIONS":
                return Reply(204, [(b"allow", b"OPTIONS, POST")], b"")
            raise MethodNotAllowedError("This path takes POST.", allow="OPTIONS, POST")
        length = self._check_headers(scope["headers"])
        if length > self._max_body_bytes:
            reply = problem(self._too_large(length))
            if length > _DROPPED_AT_MOST:
                reply.headers.append((b"connection", b"close"))
            return reply
        headers, body = await self._handler(await self._read(receive), arrival)
        return Reply(200, headers, body)

    def _check_headers(self, headers: Headers) -> int:
        """Return the announced length of the body, 0 if there is none. Raises UnsupportedMediaTypeError."""
        length = 0
        media_type = b""
        for name, value in headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"content-type":
                media_type = value
        if media_type == b"application/json" or self._any_media_type:
            return length
        if media_type.partition(b";")[0].strip().lower() != b"application/json":
            raise UnsupportedMediaTypeError("The body must be JSON.", field="content-type", limit="application/json")
        return length

    async def _read(self, receive: Receive) -> bytes:
        body, more = await self._receive(receive)
        if not more:  # most requests arrive in one piece, and are not copied
            return body
        pieces = bytearray(body)
        while more:
            body, more = await self._receive(receive)
            pieces += body
            if len(pieces) > self._max_body_bytes:
                raise self._too_large(len(pieces))
        return bytes(pieces)

    async def _receive(self, receive: Receive) -> tuple[bytes, bool]:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGoneError
        if len(message["body"]) > self._max_body_bytes:
            raise self._too_large(len(message["body"]))
        return message["body"], message["more_body"]

    def _too_large(self, received: int) -> BodyTooLargeError:
        return BodyTooLargeError(
            f"The body must have at most {self._max_body_bytes} bytes.",
            field="body",
            limit=self._max_body_bytes,
            received=received,
        )


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a complete reply."""
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    if reply.status == 204:
        headers.pop()  # RFC 9110: a reply without content announces no length
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
