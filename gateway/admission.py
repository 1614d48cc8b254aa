"""Admission: what finds the service full is refused before any work is done for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from gateway.errors import DeadlineExceededError, OverloadedError

# Share of the deadline that the wait for an answer may be expected to take: the rest is for what the estimate misses.
_EXPECTED = 2 / 3

_MEMORY = 0.1  # weight of the newest request in the estimate


def check_room(newcomers: int, waiting: int, limit: int, what: str) -> None:
    """Raise OverloadedError where the newcomers would make more than `limit` wait.

    More than the limit may still enter where nobody waits: they could never be answered otherwise.
    """
    if waiting and waiting + newcomers > limit:
        raise OverloadedError(f"Too many {what} are waiting.", limit=limit, received=waiting)


class Admission:
    """Counts what was admitted and is not yet answered, and learns how fast that goes.

    Besides the limit, nothing is admitted that cannot be expected to be answered within `deadline` seconds. Where a
    queue is longer than that, whoever reaches its head is about to give up: the model would work for nobody.
    """

    def __init__(self, limit: int, deadline: float, what: str) -> None:
        self._limit = limit
        self._deadline = deadline
        self._what = what
        self._pace = 0.0  # seconds to an answer for each of those who wait, the newcomer included
        self.waiting = 0

    @property
    def room(self) -> int:
        """How many may wait at the present pace."""
        return int(min(self._limit, self._deadline * _EXPECTED / self._pace)) if self._pace else self._limit

    @contextmanager
    def admitted(self, count: int) -> Iterator[None]:
        """Hold `count` places while the context lasts. Raises OverloadedError when there are not as many."""
        check_room(count, self.waiting, self.room, self._what)
        self.waiting += count
        place, entered = self.waiting, monotonic()
        try:
            yield
        except DeadlineExceededError:
            self._learn(place, monotonic() - entered)
            raise
        else:
            self._learn(place, monotonic() - entered)
        finally:
            self.waiting -= count

    def _learn(self, place: int, seconds: float) -> None:
        self._pace += (seconds / place - self._pace) * (_MEMORY if self._pace else 1.0)
