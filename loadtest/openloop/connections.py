"""Keep-alive connections to one server, each with one request under way at a time."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import cast

from loadtest import trust
from loadtest.http_reply import FramingError, Reply, ReplyReader
from loadtest.openloop.outcome import CLOSED, LATE

OnEnd = Callable[[int, int, bytes | None], None]  # gets the request's number, its status, and the reply's Server-Timing

_NO_REQUEST = -1
_CLOSED, _LATE = Reply(CLOSED, last=True), Reply(LATE, last=True)


class Pool:
    """Opens connections as they are needed, up to a limit.

    Every request ends exactly once: with a reply, or with the status CLOSED or LATE in place of one.
    """

    def __init__(self, address: tuple[str, int], limit: int, on_end: OnEnd, server_name: str = "") -> None:
        """With a `server_name` connections speak TLS, and the server's certificate has to name it."""
        self.on_end = on_end
        self._address = address
        self._tls = trust.context() if server_name else None
        self._server_name = server_name or None
        self._limit = limit
        self._idle: list[_Connection] = []  # the last one used is the first to be used again
        self._all: set[_Connection] = set()
        self._waiting: deque[tuple[int, bytes, float]] = deque()
        self._opening: set[asyncio.Task[None]] = set()

    async def open(self, count: int) -> None:
        """Open connections ahead of the first request. Raises OSError where nobody listens."""
        connections = [_Connection(self) for _ in range(count)]
        await asyncio.gather(*map(self._open, connections))
        self._idle += connections
        self._all.update(self._idle)

    def send(self, number: int, request: bytes) -> bool:
        """Send a request over a free connection or a new one; return False where it has to wait for one."""
        return self._send(number, request, perf_counter())

    def _send(self, number: int, request: bytes, since: float) -> bool:
        if self._idle:
            self._idle.pop().send(number, request, since)
        elif len(self._all) < self._limit:
            connection = _Connection(self)
            connection.take(number, request, since)
            self._all.add(connection)
            task = asyncio.create_task(self._connect(connection))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        else:
            self._waiting.append((number, request, since))
            return False
        return True

    async def _connect(self, connection: "_Connection") -> None:
        try:
            await self._open(connection)
        except OSError:
            connection.end(_CLOSED)
            self.lost(connection)

    async def _open(self, connection: "_Connection") -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(
            lambda: connection, *self._address, ssl=self._tls, server_hostname=self._server_name
        )

    def give_up(self, before: float) -> None:
        """End all requests that were sent before a time of `time.perf_counter` as LATE."""
        for connection in [each for each in self._all if each.busy and each.since < before]:
            connection.end(_LATE)
            connection.abort()
        while self._waiting and self._waiting[0][2] < before:
            self.on_end(self._waiting.popleft()[0], LATE, None)

    def free(self, connection: "_Connection") -> None:
        """Take back a connection that can be used again."""
        if self._waiting:
            connection.send(*self._waiting.popleft())
        else:
            self._idle.append(connection)

    def lost(self, connection: "_Connection") -> None:
        """Forget a connection; a request that waits gets a new one."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self._waiting:
            self._send(*self._waiting.popleft())

    def close(self) -> None:
        """Close all connections."""
        for task in self._opening:
            task.cancel()
        for connection in list(self._all):
            connection.abort()


class _Connection(asyncio.Protocol):
    """One connection; a request that it is given before it is open is sent when it is."""

    __slots__ = ("_number", "_pool", "_reader", "_request", "_transport", "since")

    def __init__(self, pool: Pool) -> None:
        self.since = 0.0
        self._pool = pool
        self._reader = ReplyReader()
        self._number = _NO_REQUEST
        self._request = b""
        self._transport: asyncio.WriteTransport | None = None

    @property
    def busy(self) -> bool:
        return self._number != _NO_REQUEST

    def take(self, number: int, request: bytes, since: float) -> None:
        self._number, self._request, self.since = number, request, since

    def send(self, number: int, request: bytes, since: float) -> None:
        assert self._transport is not None
        self._number, self.since = number, since
        self._transport.write(request)

    def end(self, reply: Reply) -> None:
        number, self._number = self._number, _NO_REQUEST
        if number != _NO_REQUEST:
            self._pool.on_end(number, reply.status, reply.timing)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one without saying so
        if self._request:
            if self.busy:
                self._transport.write(self._request)
            else:
                self._transport.abort()  # given up meanwhile
            self._request = b""

    def data_received(self, data: bytes) -> None:
        try:
            reply = self._reader.feed(data) if self.busy else _CLOSED  # nothing was asked
        except FramingError:
            reply = _CLOSED
        if reply is not None:
            self.end(reply)
            if reply.last:
                self.abort()
            else:
                self._pool.free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(_CLOSED)
        self._pool.lost(self)
