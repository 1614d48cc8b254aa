"""One system call for each reply, and an end to each connection.

Uvicorn writes a reply's head and its body separately, and uvloop sends each at once; the second system call costs a
tenth of the time of a request. So what is written within a turn of the event loop is gathered.

A connection that is closed while its client still sends is reset by the kernel, and the client may never see why. So
it lingers: half closed, it goes on reading as long as something comes, up to a limit.
"""

import asyncio
from collections.abc import Callable
from typing import Any

# As nginx' lingering_timeout and lingering_time.
_LINGER = 5.0  # seconds without a byte after which it ends
_LINGER_AT_MOST = 6  # times as long in all
_DROPPED_AT_MOST = 64 * 1024 * 1024  # bytes
_UNREAD = 30.0  # seconds that the rest of a reply may take to reach a client once the connection is closed


class GatheringTransport(asyncio.Transport):
    """Hands on to another transport; writes go out together at the end of the turn.

    `sending` tells, at the close, whether the client may still be sending. What comes later is to be handed to `drop`.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        sending: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._sending = sending
        self._pieces: list[bytes | bytearray | memoryview] = []
        self._closing = False
        self._dropped = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)

    def _flush(self) -> None:
        if self._pieces and not self._transport.is_closing():
            self._transport.write(b"".join(self._pieces))
        self._pieces.clear()

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        self._flush()
        if self._sending() and not self._transport.is_closing():
            self._linger()
        else:
            self._end()

    def _linger(self) -> None:
        if self._transport.can_write_eof():  # TLS cannot; its client goes by the reply's length
            self._transport.write_eof()
        self._transport.resume_reading()
        self._loop.call_later(_LINGER, self._go_on, self._dropped, _LINGER_AT_MOST - 1)

    def _go_on(self, dropped: int, rounds: int) -> None:
        if rounds and self._dropped > dropped:
            self._loop.call_later(_LINGER, self._go_on, self._dropped, rounds - 1)
        else:
            self._end()

    def drop(self, size: int) -> None:
        """Note bytes that came after the close."""
        self._dropped += size
        if self._dropped > _DROPPED_AT_MOST:
            self.abort()

    def _end(self) -> None:
        if self._transport.is_closing():
            return
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(_UNREAD, self._transport.abort)

    def abort(self) -> None:
        self._closing = True
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._closing or self._transport.is_closing()

    def pause_reading(self) -> None:
        if not self.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self.is_closing():
            self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
