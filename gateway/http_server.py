"""Uvicorn, started and stopped as part of the gateway instead of as its master."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.asgi import App
from gateway.connection import Connection
from gateway.listening import bound_socket
from gateway.transport import GatheringTransport

_KEEP_ALIVE = 75  # seconds; longer than the 60 s after which common balancers drop an idle connection
_BACKLOG = 2048
_LONGEST_HEAD = 65_536  # bytes of request line and headers, or of trailers, on top of the first piece that arrives


class HttpServer:
    """An HTTP/1.1 server on one address; raises OSError if that cannot be had."""

    def __init__(self, app: App, host: str, port: int, grace: int) -> None:
        self._socket = bound_socket(host, port)
        self._server = _Server(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=grace,
            )
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Return once connections are accepted."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.005)  # uvicorn has a flag for this, and no event

    async def stop(self) -> None:
        """Accept no more, close idle connections, give the busy ones their grace."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task

    def close(self) -> None:
        """Give the address back."""
        self._socket.close()


class _Protocol(HttpToolsProtocol):
    """Uvicorn's, which sets no limit to what it takes in of headers and trailers, with one."""

    _stuck = 0  # bytes since a head was complete or a piece of body arrived

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(GatheringTransport(transport, self.loop))
        self._connection = Connection()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._connection.on_lost is not None:
            self._connection.on_lost()

    def data_received(self, data: bytes) -> None:
        self._stuck += len(data)
        super().data_received(data)
        if self._stuck > _LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(f"A request's head must have at most {_LONGEST_HEAD} bytes.")

    def on_headers_complete(self) -> None:
        self._stuck = 0
        self.scope["scoring.connection"] = self._connection  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._stuck = 0
        super().on_body(body)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the HTTP and the gRPC server stop together; neither may take the signals for itself
