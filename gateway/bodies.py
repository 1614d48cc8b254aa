"""Bodies of HTTP requests: read within a size and a time, and room taken for them as they arrive."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway.call import Call
from gateway.errors import BodyTooLargeError, SlowBodyError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


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

    async def read(self, call: Call, receive: Receive, *, announced: bool) -> bytes:
        """Return the whole body. Where its length was announced, room was taken for it.

        Raises BodyTooLargeError, SlowBodyError, OverloadedError, ClientGoneError.
        """
        try:
            async with asyncio.timeout(self._patience):  # its first byte included
                body, more = await _receive(receive)
                if not announced:
                    self._take(call, len(body), len(body))
                if not more:  # most bodies arrive in one piece, and are not copied
                    return body
                return await self._gathered(call, body, receive, announced=announced)
        except TimeoutError:
            raise SlowBodyError(f"The body did not arrive within {self._patience:g} s.", field="body") from None

    async def _gathered(self, call: Call, first: bytes, receive: Receive, *, announced: bool) -> bytes:
        gathered, more = bytearray(first), True  # a list of pieces would cost tiny pieces many times their size
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
