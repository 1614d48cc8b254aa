"""A server that keeps every request for a time that it draws evenly from a range: so latencies are known beforehand."""

import asyncio
import socket
import sys
from heapq import heappop, heappush
from time import perf_counter
from typing import cast

import numpy as np
import uvloop

from loadtest.openloop.alarm import Alarm

# The longest is less than twice the mean: what takes longer than that, wrk counts several times, as its correction for
# requests that it could not send meanwhile.
SHORTEST, LONGEST = 0.004, 0.016  # seconds
_REPLY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
_REQUEST_END = b"\r\n\r\n"
_SEED = 0


class _Replies:
    """Replies to come, in the order of their times."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, asyncio.WriteTransport]] = []
        self._count = 0
        self._random = np.random.default_rng(_SEED)
        self._alarm = Alarm(self._send)

    def add(self, transport: asyncio.WriteTransport) -> None:
        self._count += 1  # times may be equal, transports have no order
        heappush(self._due, (perf_counter() + self._random.uniform(SHORTEST, LONGEST), self._count, transport))
        self._alarm.set(self._due[0][0])

    def _send(self) -> None:
        while self._due and self._due[0][0] <= perf_counter():
            heappop(self._due)[2].write(_REPLY)
        self._alarm.set(self._due[0][0] if self._due else None)


class _Connection(asyncio.Protocol):
    def __init__(self, replies: _Replies) -> None:
        self._replies = replies

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        if data.endswith(_REQUEST_END):  # one at a time, without a body
            self._replies.add(self._transport)


async def _serve(listener: socket.socket) -> None:
    replies = _Replies()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(replies), sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(socket.create_server(("127.0.0.1", int(sys.argv[1])))))
