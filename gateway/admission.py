"""Admission: what finds the service full is refused before any work is done for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import OverloadedError


def check_room(newcomers: int, waiting: int, limit: int, what: str) -> None:
    """Raise OverloadedError where the newcomers would make more than `limit` wait.

    More than the limit may still enter where nobody waits: they could never be answered otherwise.
    """
    if waiting and waiting + newcomers > limit:
        raise OverloadedError(f"Too many {what} are waiting.", limit=limit, received=waiting)


class Admission:
    """Counts what was admitted and is not yet answered."""

    def __init__(self, limit: int, what: str) -> None:
        self._limit = limit
        self._what = what
        self.waiting = 0

    @contextmanager
    def admitted(self, count: int) -> Iterator[None]:
        """Hold `count` places while the context lasts. Raises OverloadedError when there are not as many."""
        check_room(count, self.waiting, self._limit, self._what)
        self.waiting += count
        try:
            yield
        finally:
            self.waiting -= count
