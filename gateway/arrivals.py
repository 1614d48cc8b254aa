"""Messages that are arriving: a few at a time, and nobody may keep the others waiting for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.errors import SlowBodyError

_T = TypeVar("_T")

_HURRIED = 2.0  # seconds that one may take while another waits for its place


class Arrivals:
    """Places for messages on their way.

    A place is held for `patience` seconds at most. For each message that has to wait, the one that holds its place
    longest must be there within two seconds of its beginning: so calls that send nothing hold up nobody.
    """

    def __init__(self, places: int, patience: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._patience = patience
        self._patient: dict[asyncio.Timeout, float] = {}  # those not hurried yet, oldest first, and when they began
        self._waiting = 0

    async def take(self, read: Callable[[], Awaitable[_T]]) -> _T:
        """Read a message, once there is a place for it. Raises SlowBodyError."""
        await self._enter()
        try:
            async with asyncio.timeout(self._patience) as timer:
                return await self._read(read, timer)
        except TimeoutError:
            detail = f"The message did not arrive within {self._patience:g} s, or kept others waiting."
            raise SlowBodyError(detail, field="body") from None
        finally:
            self._places.release()

    async def _enter(self) -> None:
        if self._places.locked():
            self._hurry_oldest()
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1

    async def _read(self, read: Callable[[], Awaitable[_T]], timer: asyncio.Timeout) -> _T:
        now = asyncio.get_running_loop().time()
        if self._waiting:
            timer.reschedule(now + min(_HURRIED, self._patience))
        else:
            self._patient[timer] = now
        try:
            return await read()
        finally:
            self._patient.pop(timer, None)

    def _hurry_oldest(self) -> None:
        if self._patient:
            timer = next(iter(self._patient))
            now = asyncio.get_running_loop().time()
            timer.reschedule(max(now, self._patient.pop(timer) + _HURRIED))
