"""One process of the gateway: both servers on one event loop, from bound ports to a graceful stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from gateway.app import Gateway
from gateway.grpc_server import CallLimits, GrpcServer
from gateway.http1.shared import Limits
from gateway.http_server import HttpServer
from gateway.listening import AddressError, Endpoint, address, occupied
from gateway.settings import Settings
from gateway.tls import Tls, check_pair
from gateway.worker import ALONE, Worker

_LAST_WORDS = 0.5  # seconds before the grace ends at which those who still wait are answered with 503
_SPARE_CALLS = 1024  # gRPC calls beyond those that may wait: health, reflection, and those that are being refused


class Addresses(NamedTuple):
    """Where a running gateway listens, as host:port, and how HTTP is spoken there."""

    http: str
    grpc: str
    scheme: str = "http"

    def __str__(self) -> str:
        return f"HTTP on {self.scheme}://{self.http}, gRPC on {self.grpc}"


class Servers:
    """Both servers and what they serve."""

    def __init__(
        self, gateway: Gateway, http: HttpServer, grpc: GrpcServer, tls: Tls | None, settings: Settings
    ) -> None:
        self._gateway = gateway
        self._http = http
        self._grpc = grpc
        self._tls = tls
        self._settings = settings

    @property
    def addresses(self) -> Addresses:
        """Where the servers listen."""
        http, grpc = (address(self._settings.host, server.port) for server in (self._http, self._grpc))
        return Addresses(http, grpc, "https" if self._tls else "http")

    async def start(self) -> None:
        """Return once requests are accepted."""
        if self._tls:
            self._tls.start()
        await asyncio.gather(self._http.start(), self._grpc.start(), self._gateway.start())

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
        shared = worker.folder is not None
        http = _http_server(gateway, Endpoint(settings.host, settings.port, shared), settings, tls)
        stack.callback(http.close)
        grpc = _grpc_server(gateway, Endpoint(settings.host, settings.grpc_port, shared), settings, tls)
        gateway.watch_servers(lambda: http.connections, (lambda: tls.expires) if tls else None)
        servers = Servers(gateway, http, grpc, tls, settings)
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


def _http_server(gateway: Gateway, endpoint: Endpoint, settings: Settings, tls: Tls | None) -> HttpServer:
    limits = Limits(settings.header_timeout, settings.max_connections)
    try:
        return HttpServer(gateway.http, endpoint, limits, tls.context if tls else None)
    except OSError as error:
        raise AddressError(occupied("HTTP", endpoint, error, "--port")) from None


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
