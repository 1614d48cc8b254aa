"""A TCP connection between the gateway and a Triton that can be cut, frozen or spoilt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal, Self

Mode = Literal["open", "cut", "frozen", "garbage"]


class Link:
    """Forwards bytes between whoever connects to `url` and `target` (host:port).

    `cut` hangs up on everyone and closes the port; `frozen` accepts and forwards nothing; `garbage` answers with noise.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._garbage = False
        self._connections = set[asyncio.Task[None]]()
        self.connections = 0  # how many there have been

    @property
    def url(self) -> str:
        """Where it listens, or did before it was cut."""
        return f"127.0.0.1:{self._port}"

    async def set(self, mode: Mode) -> Self:
        """Change what becomes of the bytes. Noise breaks the connections that there are."""
        self._garbage = mode == "garbage"
        if mode == "open":
            self._open.set()
        else:
            self._open.clear()
        if mode in ("cut", "garbage"):
            self.hang_up()
        if mode == "cut":
            self._close()
        elif self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]
        return self

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def hang_up(self) -> None:
        """Break all connections."""
        for connection in self._connections:
            connection.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        connection.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._garbage:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nnot h2!" * 10)
            return
        host, _, port = self._target.rpartition(":")
        with suppress(OSError):
            their_reader, their_writer = await asyncio.open_connection(host, int(port))
            try:
                async with asyncio.TaskGroup() as pumps:
                    pumps.create_task(self._pump(reader, their_writer))
                    pumps.create_task(self._pump(their_reader, writer))
            finally:
                their_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def linked(target: str) -> AsyncIterator[Link]:
    """An open link to a target."""
    link = await Link(target).set("open")
    try:
        yield link
    finally:
        await link.set("cut")
