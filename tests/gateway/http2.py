"""HTTP/2 by hand, frame by frame: well-formed, and in every way that is not.

RFC 9113 has the frames, RFC 7541 the header block; a header is written literally, without a table or Huffman codes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8

_LARGEST_FRAME = 16_384  # bytes that a receiver takes unless it says more


class Frame(NamedTuple):
    """A frame: its type, flags, stream and payload."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"", length: int | None = None) -> bytes:
    """Write a frame; `length` is what it announces, if not its true one."""
    announced = len(payload) if length is None else length
    return announced.to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def literal(name: str, value: str | bytes) -> bytes:
    """Write a header field without indexing (RFC 7541, section 6.2.2)."""
    return b"\0" + b"".join(
        _integer(len(text), 7) + text for text in (name.encode(), value.encode() if isinstance(value, str) else value)
    )


def request_headers(path: str, *more: tuple[str, str | bytes]) -> bytes:
    """Return the header block of a gRPC request."""
    fields = (
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), ("te", "trailers"),
        ("content-type", "application/grpc"), *more,
    )  # fmt: skip
    return b"".join(literal(name, value) for name, value in fields)


def message(payload: bytes, *, compressed: bool = False, length: int | None = None) -> bytes:
    """Frame a gRPC message; `length` is what it announces, if not its true one."""
    announced = len(payload) if length is None else length
    return bytes([compressed]) + announced.to_bytes(4, "big") + payload


def data_frames(stream: int, content: bytes, *, end: bool = True) -> bytes:
    """Cut a body into frames."""
    starts = range(0, max(1, len(content)), _LARGEST_FRAME)
    pieces = [content[start : start + _LARGEST_FRAME] for start in starts]
    last = len(pieces) - 1
    return b"".join(
        frame(DATA, END_STREAM if end and index == last else 0, stream, piece) for index, piece in enumerate(pieces)
    )


class Connection:
    """A connection whose frames are written by hand, and read until the other side hangs up."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, content: bytes) -> bool:
        """Write; false once the other side has hung up."""
        try:
            self._writer.write(content)
            await self._writer.drain()
        except ConnectionError:
            return False
        return not self._writer.is_closing()

    async def frames(self, seconds: float) -> AsyncIterator[Frame]:
        """Read frames until the other side hangs up or has said nothing for so many seconds."""
        with suppress(TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            while True:
                async with asyncio.timeout(seconds):
                    head = await self._reader.readexactly(9)
                    payload = await self._reader.readexactly(int.from_bytes(head[:3], "big"))
                yield Frame(head[3], head[4], int.from_bytes(head[5:], "big") & 0x7FFFFFFF, payload)

    async def until_ended(self, stream: int, seconds: float) -> list[Frame]:
        """Return the frames up to the end of a stream or of the connection."""
        found = list[Frame]()
        async for each in self.frames(seconds):
            found.append(each)
            ended = each.kind == RST_STREAM or (each.kind in (DATA, HEADERS) and each.flags & END_STREAM)
            if each.stream == stream and ended:
                break
        return found


@asynccontextmanager
async def connected(address: str, *, greeted: bool = True) -> AsyncIterator[Connection]:
    """Connect, and say hello unless told otherwise."""
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    connection = Connection(reader, writer)
    if greeted:
        await connection.send(PREFACE + frame(SETTINGS))
    try:
        yield connection
    finally:
        writer.transport.abort()


def _integer(value: int, bits: int) -> bytes:
    """Write a number with a prefix of so many bits (RFC 7541, section 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    value -= most
    written = [most]
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
