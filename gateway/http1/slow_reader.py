"""An end to clients that do not read their replies."""

import asyncio

_PERIOD = 20.0  # seconds between two looks
_PACE = 20_000  # bytes that a client must read between them, 8 kbit/s


class SlowReaderWatch:
    """Cuts off a connection whose unsent bytes do not get fewer, while it is started."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look from time to time, because the client has fallen behind."""
        if self._timer is None:
            self._look_later()

    def stop(self) -> None:
        """Look no more: the client has caught up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        self._timer = self._loop.call_later(_PERIOD, self._look, self._transport.get_write_buffer_size())

    def _look(self, unsent: int) -> None:
        if self._transport.get_write_buffer_size() > unsent - _PACE:
            self._timer = None
            self._transport.abort()
        else:
            self._look_later()
