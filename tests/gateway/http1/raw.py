"""Raw HTTP connections to a small application, for what no well-behaved client sends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from gateway.asgi import Scope, Send
from gateway.http1.shared import Limits
from gateway.http_server import HttpServer
from gateway.listening import Endpoint

HEAD = b"POST / HTTP/1.1\r\nhost: x\r\n"


class Echo:
    """An application that answers with the path and the body, and remembers the requests that it saw."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.early = False  # answer before the body is read
        self.size = 0  # bytes that a reply has more
        self.release = asyncio.Event()
        self.release.set()  # clear it to keep answers back
        self.started = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        self.scopes.append(scope)
        self.started.set()
        body = b"" if self.early else await _body(receive)
        await self.release.wait()
        reply = scope["path"].encode() + b" " + body + b"." * self.size
        headers = [(b"content-length", b"%d" % len(reply))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message["body"]
        more = message["more_body"]
    return body


class Served(Echo):
    """The application with its server."""

    server: HttpServer

    async def ask(self, *pieces: bytes, pause: float = 0.01) -> bytes:
        """Send bytes, piece by piece, and return all that comes back until the server closes."""
        async with self.connection() as (reader, writer):
            with suppress(ConnectionError, RuntimeError):  # uvloop's for a connection that is closed
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(pause)
            async with asyncio.timeout(20):
                return await reader.read()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Connect, and hang up at the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def served(
    *,
    header_timeout: float = 10.0,
    max_connections: int = 100,
    keep_alive: float = 75.0,
    app: Served | None = None,
) -> AsyncIterator[Served]:
    """Serve the application on a free port."""
    app = app or Served()
    app.server = HttpServer(app, Endpoint("127.0.0.1", 0), Limits(header_timeout, max_connections, keep_alive))
    await app.server.start()
    try:
        yield app
    finally:
        await app.server.stop(1)
        app.server.close()


async def eventually(condition: Callable[[], Any]) -> None:
    """Return once a condition holds; fail after a while."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
