"""The HTTP/1.1 server: httptools parses, uvicorn's cycle speaks ASGI, and the connections are ours."""

import asyncio
import contextlib
import ssl
import time
from email.utils import formatdate

from gateway.asgi import App
from gateway.http1.protocol import HttpProtocol
from gateway.http1.shared import Limits, Shared
from gateway.listening import Endpoint, bound_socket

_BACKLOG = 2048
_SETTLE = 0.05  # seconds in which requests that have been sent are still read before a connection counts as idle
_TLS_GOODBYE = 2.0  # seconds


class HttpServer:
    """An HTTP/1.1 server on one address. Make it inside the event loop; raises OSError if the address cannot be had."""

    def __init__(self, app: App, endpoint: Endpoint, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._socket = bound_socket(endpoint)
        self._port = int(self._socket.getsockname()[1])
        self._shared = Shared(app, limits)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._clock: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return self._port

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._shared.connections)

    async def start(self) -> None:
        """Return once connections are accepted."""
        self._clock = asyncio.create_task(self._keep_time())
        self._server = await self._shared.loop.create_server(
            lambda: HttpProtocol(self._shared),
            sock=self._socket,
            backlog=_BACKLOG,
            ssl=self._tls,
            ssl_handshake_timeout=self._shared.limits.header_timeout if self._tls else None,
            ssl_shutdown_timeout=_TLS_GOODBYE if self._tls else None,
        )

    def retire(self) -> None:
        """Make every reply from now on the last of its connection."""
        self._shared.retiring = True

    async def stop(self, grace: float) -> None:
        """Accept no more, close idle connections, give the busy ones their grace in seconds."""
        self.retire()
        await asyncio.sleep(_SETTLE)
        if self._server is not None:
            self._server.close()
        for connection in list(self._shared.connections):
            connection.retire()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._shared.deserted()
        await self._end()

    async def _end(self) -> None:
        for task in list(self._shared.tasks):
            task.cancel()
        for connection in list(self._shared.connections):
            connection.abort()
        if self._clock is not None:
            self._clock.cancel()
        await asyncio.sleep(0)  # for what was cancelled to end

    def close(self) -> None:
        """Give the address back."""
        self._socket.close()

    async def _keep_time(self) -> None:
        while True:
            self._shared.headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]
            await asyncio.sleep(1)
