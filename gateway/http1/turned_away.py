"""Connections beyond the limit: told so at once, without being read."""

import asyncio

from gateway.http1.shared import Shared
from gateway.http1.transport import GatheringTransport

_AT_MOST = 256  # such connections that get to read why; the next ones are cut off


class TurnedAway(asyncio.Protocol):
    """A connection that gets a 503 and ends."""

    def __init__(self, shared: Shared, transport: asyncio.Transport) -> None:
        """Take over a connection that was just made."""
        self._shared = shared
        self._transport = GatheringTransport(transport, shared.loop, lambda: True)
        transport.set_protocol(self)
        shared.turned_away += 1
        if shared.turned_away > _AT_MOST:
            self._transport.abort()
        else:
            self._transport.write(shared.refusal)
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._transport.drop(len(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._shared.turned_away -= 1
