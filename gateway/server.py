"""Runs the gateway: both servers in one process on one event loop, from bound ports to a graceful stop."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from gateway.app import Gateway
from gateway.grpc_server import GrpcServer
from gateway.http_server import HttpServer
from gateway.listening import address
from gateway.settings import Settings

_log = logging.getLogger(__name__)

_LAST_WORDS = 0.5  # seconds before the grace ends at which those who still wait are answered with 503


class Addresses(NamedTuple):
    """Where a running gateway listens, as host:port."""

    http: str
    grpc: str


class AddressError(Exception):
    """An address cannot be listened on; the message says which and what to do."""


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Addresses]:
    """Serve while the context lasts, then stop gracefully. Raises AddressError."""
    async with AsyncExitStack() as stack:
        gateway = Gateway(settings)
        stack.push_async_callback(gateway.close)
        http = _http_server(gateway, settings)
        stack.callback(http.close)
        grpc = _grpc_server(gateway, settings)
        await asyncio.gather(http.start(), grpc.start(), gateway.start())
        try:
            yield Addresses(address(settings.host, http.port), address(settings.host, grpc.port))
        finally:
            await _stop(gateway, http, grpc, settings.grace)


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises AddressError."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(settings) as addresses:
        _calm_collector()
        _log.info("HTTP on http://%s, gRPC on %s", addresses.http, addresses.grpc)
        await stop.wait()
        _log.info("stopping")


def _calm_collector() -> None:
    """Keep the garbage collector from walking, time and again, through what lives as long as the process.

    Modules and catalog are frozen; a request leaves next to no cycles behind, so rarer rounds find as much.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)


async def _stop(gateway: Gateway, http: HttpServer, grpc: GrpcServer, grace: int) -> None:
    last_words = asyncio.create_task(_answer_late(gateway, grace - _LAST_WORDS))
    await asyncio.gather(http.stop(), grpc.stop(grace))
    last_words.cancel()


async def _answer_late(gateway: Gateway, delay: float) -> None:
    await asyncio.sleep(delay)
    await gateway.answer_waiting()


def _http_server(gateway: Gateway, settings: Settings) -> HttpServer:
    try:
        return HttpServer(gateway.http, settings.host, settings.port, settings.grace)
    except OSError as error:
        raise AddressError(_occupied("HTTP", settings.host, settings.port, error, "--port")) from None


def _grpc_server(gateway: Gateway, settings: Settings) -> GrpcServer:
    largest = max(settings.max_body_bytes, settings.max_image_body_bytes)  # each method knows its own limit
    try:
        return GrpcServer(gateway.grpc, gateway.health, settings.host, settings.grpc_port, largest)
    except OSError as error:
        raise AddressError(_occupied("gRPC", settings.host, settings.grpc_port, error, "--grpc-port")) from None


def _occupied(protocol: str, host: str, port: int, error: OSError, flag: str) -> str:
    return (
        f"cannot listen for {protocol} on {address(host, port)}: {error.strerror}; choose another with {flag} or --host"
    )
