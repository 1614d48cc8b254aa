"""A closed-loop HTTP/1.1 driver: keep-alive connections, each with one request under way at a time.

It does as little as it can, so that the server is what is measured: requests are bytes made beforehand, and of a reply
it reads the status and the length.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import cycle
from time import perf_counter
from typing import NamedTuple, cast

import uvloop

from loadtest.http_reply import FramingError, ReplyReader
from loadtest.meter import Meter, Round, Span

_PATIENCE = 30.0  # seconds that the last replies may take once the round is over


class Target(NamedTuple):
    """Where requests go, the media type of their bodies, and further headers that all of them carry."""

    host: str
    port: int
    path: str
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    @property
    def url(self) -> str:
        """The URL as a client writes it."""
        return f"http://{self.host}:{self.port}{self.path}"


def post(target: Target, body: bytes) -> bytes:
    """Return a POST request."""
    given = {"host": f"{target.host}:{target.port}", "content-type": target.media_type, **dict(target.headers)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**given, "content-length": len(body)}.items())
    return f"POST {target.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def closed_loop(address: tuple[str, int], requests: Sequence[bytes], *, connections: int, span: Span) -> Round:
    """Send the requests in turn over `connections` connections; every reply other than a 200 is an error."""
    return uvloop.run(_drive(address, requests, connections, span))


async def _drive(address: tuple[str, int], requests: Sequence[bytes], connections: int, span: Span) -> Round:
    loop = asyncio.get_running_loop()
    meter = Meter(span)
    rotation = cycle(requests)
    opened = [loop.create_connection(lambda: _Connection(meter, rotation), *address) for _ in range(connections)]
    pairs = await asyncio.gather(*opened)
    _, late = await asyncio.wait([connection.done for _, connection in pairs], timeout=sum(span) + _PATIENCE)
    for _ in late:
        meter.record(0, ok=False)
    for transport, _ in pairs:
        transport.abort()
    return meter.round()


class _Connection(asyncio.Protocol):
    """Sends the next request when the reply to the last one is complete."""

    def __init__(self, meter: Meter, rotation: Iterator[bytes]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._meter = meter
        self._rotation = rotation
        self._reader = ReplyReader()
        self._sent = 0.0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one without saying so
        self._next()

    def data_received(self, data: bytes) -> None:
        if self.done.done():
            return
        try:
            reply = self._reader.feed(data)
        except FramingError:
            self._fail()  # we would lose count
            return
        if reply is not None:
            self._meter.record(self._sent, ok=reply.status == 200)
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._fail()

    def _next(self) -> None:
        if self._meter.over:
            self.done.set_result(None)
            return
        self._sent = perf_counter()
        self._transport.write(next(self._rotation))

    def _fail(self) -> None:
        self._meter.record(self._sent, ok=False)
        self.done.set_result(None)
