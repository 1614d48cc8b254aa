"""Bodies of HTTP requests: read within a size and a time, and room taken for them as they arrive."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from gateway.call import Call
from gateway.errors import BodyTooLargeError, SlowBodyError
from gateway.exchange import Exchange

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Source(NamedTuple):
    """Where a body comes from."""

    receive: Receive
    exchange: Exchange | None = None  # tells if all of it is there already


class ClientGoneError(Exception):
    """The client hung up while its body was being read."""


class Bodies:
    """Reads bodies of at most `max_bytes` that arrive within `patience` seconds."""

    def __init__(self, max_bytes: int, patience: float) -> None:
        self._max_bytes = max_bytes
        self._patience = patience

    def check(self, size: int) -> None:
        """Raise BodyTooLargeError for a body of that size."""
        if size > self._max_bytes:
            detail = f"The body must have at most {self._max_bytes} bytes."
            raise BodyTooLargeError(detail, field="body", limit=self._max_bytes, received=size)

    async def read(self, call: Call, source: Source, *, announced: bool) -> bytes:
        """Return the whole body. Where its length was announced, room was taken for it.

        Raises BodyTooLargeError, SlowBodyError, OverloadedError, ClientGoneError.
        """
        receive, exchange = source
        whole = exchange.whole_body() if exchange is not None else None
        if whole is not None:  # as with most, which arrive with their head
            if not announced:
                self._take(call, len(whole), len(whole))
            return whole
        try:
            async with asyncio.timeout(self._patience):  # its first byte included
                return await self._gathered(call, receive, announced=announced)
        except TimeoutError:
            raise SlowBodyError(f"The body did not arrive within {self._patience:g} s.", field="body") from None

    async def _gathered(self, call: Call, receive: Receive, *, announced: bool) -> bytes:
        gathered, more = bytearray(), True  # a list of pieces would cost tiny pieces many times their size
        while more:
            body, more = await _receive(receive)
            gathered += body
            if not announced:
                self._take(call, len(body), len(gathered))
        return bytes(gathered)

    def _take(self, call: Call, size: int, total: int) -> None:
        self.check(total)
        if call.place is not None:
            call.place.hold(size)


async def _receive(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message["body"], message["more_body"]
