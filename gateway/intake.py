"""What the bodies of all requests together may hold while they arrive and are answered.

A body has a limit of its own; without this one, a few hundred clients that send slowly could take all the memory.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.errors import OverloadedError


class Intake:
    """Counts the bytes that are held; lives on one event loop."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.held = 0

    @contextmanager
    def held_by_one(self) -> Iterator[Callable[[int], None]]:
        """Give a request a function that takes bytes, as they arrive; all go back when the context ends.

        The function raises OverloadedError when the bytes of all requests would be too many.
        """
        own = 0

        def take(size: int) -> None:
            nonlocal own
            if self.held + size > self._max_bytes:
                limit, received = self._max_bytes, self.held + size
                raise OverloadedError("Too many bodies are arriving.", field="body", limit=limit, received=received)
            self.held += size
            own += size

        try:
            yield take
        finally:
            self.held -= own
