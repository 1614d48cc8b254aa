"""Plain ASGI for the paths that must be fast: a POST whose body is read within a limit and answered in one go."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from time import monotonic
from typing import Any, NamedTuple

from gateway.errors import (
    BodyTooLargeError,
    MethodNotAllowedError,
    ScoringError,
    SlowBodyError,
    UnsupportedMediaTypeError,
    internal_fault,
)
from gateway.intake import Intake
from gateway.problems import Headers, Reply, problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# A client that announces more than this after a refusal is cut off; smaller rests are read and dropped by the server,
# so that the client gets to read why it was refused.
_DROPPED_AT_MOST = 64 * 1024 * 1024


class Head(NamedTuple):
    """What is known of a request before its body is read."""

    content_type: bytes
    query: bytes


# body, time at which it was there (of `time.monotonic`) -> headers, body
Handler = Callable[[bytes, float], Awaitable[tuple[Headers, bytes]]]

# Chooses what answers a body of this head, or refuses it before a byte of it is read: raises ScoringError.
Chooser = Callable[[Head], Handler]


class _ClientGoneError(Exception):
    """The client hung up while its body was being read."""


class Post:
    """An ASGI application for one path that takes a body by POST."""

    def __init__(self, choose: Chooser, intake: Intake, *, max_body_bytes: int, patience: float = 60.0) -> None:
        """Read bodies of at most so many bytes that arrive within `patience` seconds: 20 MB at 3 Mbit/s."""
        self._choose = choose
        self._intake = intake
        self._max_body_bytes = max_body_bytes
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._reply(scope, receive)
        except ScoringError as error:
            reply = problem(error)
        except _ClientGoneError:
            return
        except Exception as error:  # noqa: BLE001 - a fault of ours must not show its text to anyone
            reply = problem(internal_fault(error, "HTTP"))
        await send_reply(send, reply)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        if scope["method"] != "POST":
            if scope["method"] == "OPTIONS":
                return Reply(204, [(b"allow", b"OPTIONS, POST")], b"")
            raise MethodNotAllowedError("This path takes POST.", allow="OPTIONS, POST")
        length, content_type = _described(scope["headers"])
        if length > self._max_body_bytes:
            reply = problem(self._too_large(length))
            if length > _DROPPED_AT_MOST:
                reply.headers.append((b"connection", b"close"))
            return reply
        handle = self._choose(Head(content_type, scope["query_string"]))
        headers, content = await self._answer(handle, receive)
        return Reply(200, headers, content)

    async def _answer(self, handle: Handler, receive: Receive) -> tuple[Headers, bytes]:
        body, more = await _receive(receive)
        if len(body) > self._max_body_bytes:
            raise self._too_large(len(body))
        if not more:  # most requests arrive in one piece, and are not copied
            return await handle(body, monotonic())
        with self._intake.held_by_one() as take:
            return await handle(await self._gathered(body, receive, take), monotonic())

    async def _gathered(self, first: bytes, receive: Receive, take: Callable[[int], None]) -> bytes:
        take(len(first))
        gathered, more = bytearray(first), True  # a list of pieces would cost tiny pieces many times their size
        try:
            async with asyncio.timeout(self._patience):
                while more:
                    body, more = await _receive(receive)
                    take(len(body))
                    gathered += body
                    if len(gathered) > self._max_body_bytes:
                        raise self._too_large(len(gathered))
        except TimeoutError:
            raise SlowBodyError(f"The body did not arrive within {self._patience:g} s.", field="body") from None
        return bytes(gathered)

    def _too_large(self, received: int) -> BodyTooLargeError:
        return BodyTooLargeError(
            f"The body must have at most {self._max_body_bytes} bytes.",
            field="body",
            limit=self._max_body_bytes,
            received=received,
        )


def require_json(head: Head) -> None:
    """Raise UnsupportedMediaTypeError unless the body is declared as JSON."""
    if head.content_type != b"application/json" and media_type(head.content_type) != "application/json":
        raise UnsupportedMediaTypeError("The body must be JSON.", field="content-type", limit="application/json")


def media_type(content_type: bytes) -> str:
    """Return the media type that a Content-Type header names, without parameters; "" if there is none."""
    return content_type.partition(b";")[0].strip().lower().decode("latin-1")


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a complete reply."""
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    if reply.status == 204:
        headers.pop()  # RFC 9110: a reply without content announces no length
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _described(headers: Headers) -> tuple[int, bytes]:
    """Return the announced length of the body, 0 if there is none, and its Content-Type, empty if there is none."""
    length, content_type = 0, b""
    for name, value in headers:
        if name == b"content-length":
            length = int(value)
        elif name == b"content-type":
            content_type = value
    return length, content_type


async def _receive(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _ClientGoneError
    return message["body"], message["more_body"]
