"""The addresses of a Service's ready pods, and how late those hear of a change who send requests there."""

import asyncio
from collections.abc import Callable

Tell = Callable[[frozenset[str]], None]


class Endpoints:
    """Tells each change `delay` seconds later, in order."""

    def __init__(self, tell: Tell, delay: float) -> None:
        self._tell = tell
        self._delay = delay
        self._addresses = frozenset[str]()

    def set(self, addresses: frozenset[str]) -> None:
        """Take note of the addresses that there are now; the first ones are told at once."""
        if addresses == self._addresses:
            return
        delay = self._delay if self._addresses else 0.0
        self._addresses = addresses
        asyncio.get_running_loop().call_later(delay, self._tell, addresses)
