"""What the connections of one HTTP server have in common."""

import asyncio
from typing import NamedTuple, Protocol

from gateway.asgi import App
from gateway.errors import TooManyConnectionsError
from gateway.problems import problem

_LOOK = 0.02  # seconds; an event would cost every request a little, and this costs a stop


class Limits(NamedTuple):
    """What clients may take."""

    header_timeout: float  # seconds in which a request's head must arrive
    max_connections: int
    keep_alive: float = 75.0  # seconds that a connection may be silent between two requests


class Member(Protocol):
    """A connection, to the server."""

    def retire(self) -> None:
        """Close once idle: now, or with the reply under way."""

    def abort(self) -> None:
        """Close at once."""


class Shared:
    """What every connection knows of its server. Make it inside the event loop."""

    def __init__(self, app: App, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.loop = asyncio.get_running_loop()
        self.connections: set[Member] = set()
        self.turned_away = 0  # connections beyond the limit that still have their refusal to read
        self.tasks: set[asyncio.Task[None]] = set()  # requests that are being answered
        self.headers: list[tuple[bytes, bytes]] = []  # of every reply
        self.retiring = False  # every reply is its connection's last
        self.refusal = _refusal(limits.max_connections)  # of a connection beyond the limit

    async def deserted(self) -> None:
        """Return once the last connection has gone and the last request has ended."""
        while self.connections or self.tasks:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)


def _refusal(limit: int) -> bytes:
    detail = f"The process keeps at most {limit} connections; close some, or try again later."
    reply = problem(TooManyConnectionsError(detail, field="connection", limit=limit))
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body)), (b"connection", b"close")]
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    return b"HTTP/1.1 503 Service Unavailable\r\n%s\r\n%s" % (lines, reply.body)
