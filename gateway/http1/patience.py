"""What a connection waits for, and for how long."""

import asyncio
from collections.abc import Callable


class Patience:
    """One deadline at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.for_head = False  # a request's head is what is waited for
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def wait(self, seconds: float, then: Callable[[], None], *, for_head: bool = False) -> None:
        """Do `then` after so many seconds, instead of what was planned before."""
        self.end()
        self.for_head = for_head
        self._timer = self._loop.call_later(seconds, then)

    def end(self) -> None:
        """Wait no more: it came."""
        self.for_head = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
