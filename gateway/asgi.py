"""Plain ASGI for the paths that must be fast: a POST whose body is read within a limit and answered in one go."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway.bodies import Bodies, ClientGoneError, Receive, Source
from gateway.call import CLIENT_GONE, Call, Head
from gateway.deadlines import requested_seconds
from gateway.errors import (
    MethodNotAllowedError,
    ScoringError,
    UnsupportedMediaTypeError,
    internal_fault,
)
from gateway.exchange import Exchange
from gateway.front_door import FrontDoor, Method
from gateway.heads import read_head
from gateway.problems import Headers, Reply, problem

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# A client that announces more than this after a refusal is cut off; smaller rests are read and dropped by the server,
# so that the client gets to read why it was refused.
_DROPPED_AT_MOST = 64 * 1024 * 1024

# body, call -> headers, body
Handler = Callable[[bytes, Call], Awaitable[tuple[Headers, bytes]]]

# Chooses what answers a body of this head, or refuses it before a byte of it is read: raises ScoringError.
Chooser = Callable[[Head], Handler]

_ALLOW = "OPTIONS, POST"
_NOSNIFF = (b"x-content-type-options", b"nosniff")  # no browser may take a reply for a page


class Post:
    """An ASGI application for one path that takes a body by POST."""

    def __init__(
        self, method: Method, choose: Chooser, door: FrontDoor, *, max_body_bytes: int, patience: float
    ) -> None:
        """Read bodies of at most so many bytes that arrive within `patience` seconds."""
        self._method = method
        self._choose = choose
        self._door = door
        self._bodies = Bodies(max_body_bytes, patience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = read_head(scope["headers"], scope["query_string"])
        call = self._door.opened("http", self._method, head.traceparent)
        exchange: Exchange | None = scope.get("scoring.exchange")
        try:
            reply = await self._reply(call, scope["method"], head, Source(receive, exchange))
            await (exchange.reply(reply) if exchange is not None else send_reply(send, reply))
        except ClientGoneError:
            call.status = CLIENT_GONE
        except asyncio.CancelledError:
            if exchange is not None and exchange.disconnected:
                call.status = CLIENT_GONE
            raise
        finally:
            self._door.closed(call)

    async def _reply(self, call: Call, verb: str, head: Head, source: Source) -> Reply:
        """Return the reply, with nothing held any more: its client may take its time to read it."""
        try:
            reply = await self._answer(call, verb, head, source)
        except ScoringError as error:
            call.refused(error)
            reply = self._refusal(error, head)
        except ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not show its text to anyone
            fault = internal_fault(error, "HTTP")
            call.refused(fault)
            reply = problem(fault)
        finally:
            self._door.released(call)
        call.status, call.sent = reply.status, len(reply.body)
        return Reply(reply.status, [*reply.headers, *common_headers(call)], reply.body)

    async def _answer(self, call: Call, verb: str, head: Head, source: Source) -> Reply:
        if verb == "OPTIONS":
            return Reply(204, [(b"allow", _ALLOW.encode())], b"")
        if verb != "POST":
            raise MethodNotAllowedError("This path takes POST.", allow=_ALLOW)
        await self._door.identify(call, self._method, head, requested_seconds(head.request_timeout))
        self._bodies.check(head.length or 0)
        handle = self._choose(head)
        self._door.admit(call, self._method, head.length or 0)
        body = await self._bodies.read(call, source, announced=head.length is not None)
        call.body_arrived(len(body))
        headers, content = await handle(body, call)
        return Reply(200, headers, content)

    def _refusal(self, error: ScoringError, head: Head) -> Reply:
        reply = problem(error)
        if (head.length or 0) > _DROPPED_AT_MOST:
            reply.headers.append((b"connection", b"close"))
        return reply


def require_json(head: Head) -> None:
    """Raise UnsupportedMediaTypeError unless the body is declared as JSON."""
    if head.content_type != b"application/json" and media_type(head.content_type) != "application/json":
        raise UnsupportedMediaTypeError("The body must be JSON.", field="content-type", limit="application/json")


def media_type(content_type: bytes) -> str:
    """Return the media type that a Content-Type header names, without parameters; "" if there is none."""
    return content_type.partition(b";")[0].strip().lower().decode("latin-1")


def common_headers(call: Call) -> Headers:
    """Return what every reply says: the request's place in its trace, and what is left of its client's quota."""
    common = [_NOSNIFF, (b"traceresponse", call.trace.header().encode())]
    return [*common, *call.ticket.headers] if call.ticket is not None else common


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a complete reply."""
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    if reply.status == 204:
        headers.pop()  # RFC 9110: a reply without content announces no length
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
