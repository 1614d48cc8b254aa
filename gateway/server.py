"""One process of the gateway: its servers on one event loop, from bound ports to a graceful stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from gateway.app import Gateway
from gateway.asgi import App
from gateway.grpc_server import CallLimits, GrpcServer
from gateway.http1.shared import Limits
from gateway.http_server import HttpServer
from gateway.listening import AddressError, Endpoint, address, occupied
from gateway.settings import Settings
from gateway.tls import Tls, check_pair
from gateway.worker import ALONE, Worker

_LAST_WORDS = 0.5  # seconds before the grace ends at which those who still wait are answered with 503
_LAST_LOOK = 0.5  # seconds in which a scrape or probe that has begun may end
_SPARE_CALLS = 1024  # gRPC calls beyond those that may wait: health, reflection, and those that are being refused


class Addresses(NamedTuple):
    """Where a running gateway listens, as host:port, and how HTTP is spoken there."""

    http: str
    grpc: str
    scheme: str = "http"
    metrics: str = ""  # where they are shown without keys, if anywhere

    def __str__(self) -> str:
        metrics = f", metrics on http://{self.metrics}" if self.metrics else ""
        return f"HTTP on {self.scheme}://{self.http}, gRPC on {self.grpc}{metrics}"


class _Listening(NamedTuple):
    http: HttpServer
    grpc: GrpcServer
    monitoring: HttpServer | None


class Servers:
    """All servers of a process and what they serve."""

    def __init__(self, gateway: Gateway, listening: _Listening, tls: Tls | None, settings: Settings) -> None:
        self._gateway = gateway
        self._http, self._grpc, self._monitoring = listening
        self._tls = tls
        self._settings = settings

    @property
    def addresses(self) -> Addresses:
        """Where the servers listen."""
        return _addresses(self._settings, self._http.port, self._grpc.port)

    async def start(self) -> None:
        """Return once requests are accepted."""
        if self._tls:
            self._tls.start()
        await asyncio.gather(self._http.start(), self._grpc.start(), self._gateway.start())
        if self._monitoring:
            await self._monitoring.start()

    async def drain(self, delay: float) -> None:
        """Say that the service is going, and go on serving so many seconds until all have noticed."""
        await self._gateway.drain()
        self._http.retire()
        await asyncio.sleep(delay)

    async def stop(self) -> None:
        """Accept no more, and give what is in flight its grace."""
        grace = self._settings.grace
        last_words = asyncio.create_task(self._answer_late(grace - _LAST_WORDS))
        await asyncio.gather(self._http.stop(grace), self._grpc.stop(grace))
        last_words.cancel()
        if self._monitoring:
            await self._monitoring.stop(_LAST_LOOK)
        if self._tls:
            await self._tls.close()

    async def _answer_late(self, delay: float) -> None:
        await asyncio.sleep(delay)
        await self._gateway.answer_waiting()


@asynccontextmanager
async def running(settings: Settings, worker: Worker = ALONE) -> AsyncIterator[Servers]:
    """Serve while the context lasts, then stop gracefully. Raises AddressError and SettingsError."""
    check_pair(settings)
    async with AsyncExitStack() as stack:
        tls = Tls(settings) if settings.tls_cert else None
        gateway = Gateway(settings, worker)
        stack.push_async_callback(gateway.close)
        listening = _listen(stack, gateway, settings, tls, shared=worker.folder is not None)
        gateway.watch_servers(lambda: listening.http.connections, (lambda: tls.expires) if tls else None)
        servers = Servers(gateway, listening, tls, settings)
        await servers.start()
        try:
            yield servers
        finally:
            await servers.stop()


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Addresses]:
    """Do so for those who only want to know where."""
    async with running(settings) as servers:
        yield servers.addresses


def announced(settings: Settings) -> Addresses:
    """Return where several processes with these settings listen, none of whose ports is 0."""
    return _addresses(settings, settings.port, settings.grpc_port)


def _addresses(settings: Settings, http: int, grpc: int) -> Addresses:
    return Addresses(
        address(settings.host, http),
        address(settings.host, grpc),
        "https" if settings.tls_cert else "http",
        address(settings.host, settings.metrics_port) if settings.metrics_port else "",
    )


def _listen(
    stack: AsyncExitStack, gateway: Gateway, settings: Settings, tls: Tls | None, *, shared: bool
) -> _Listening:
    """Take the ports, which the stack gives back."""

    def http_server(app: App, port: int, flag: str, tls: Tls | None) -> HttpServer:
        server = _http_server(app, Endpoint(settings.host, port, shared), flag, settings, tls)
        stack.callback(server.close)
        return server

    http = http_server(gateway.http, settings.port, "--port", tls)
    metrics = settings.metrics_port
    monitoring = http_server(gateway.monitoring, metrics, "--metrics-port", None) if metrics else None
    grpc = _grpc_server(gateway, Endpoint(settings.host, settings.grpc_port, shared), settings, tls)
    return _Listening(http, grpc, monitoring)


def _http_server(app: App, endpoint: Endpoint, flag: str, settings: Settings, tls: Tls | None) -> HttpServer:
    limits = Limits(settings.header_timeout, settings.max_connections, settings.keep_alive)
    try:
        return HttpServer(app, endpoint, limits, tls.context if tls else None)
    except OSError as error:
        raise AddressError(occupied("HTTP", endpoint, error, flag)) from None


def _grpc_server(gateway: Gateway, endpoint: Endpoint, settings: Settings, tls: Tls | None) -> GrpcServer:
    limits = CallLimits(
        max_body_bytes=max(settings.max_body_bytes, settings.max_image_body_bytes),  # each method knows its own limit
        max_calls=settings.max_waiting + settings.max_waiting_images + _SPARE_CALLS,
        longest=settings.max_deadline,
    )
    try:
        return GrpcServer(gateway.grpc, gateway.health, endpoint, limits, tls.credentials() if tls else None)
    except OSError as error:
        raise AddressError(occupied("gRPC", endpoint, error, "--grpc-port")) from None
