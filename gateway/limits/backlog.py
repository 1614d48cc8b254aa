"""The queue before a model: bursts may fill it, but it must not stay.

A queue that is there all the time makes everyone wait and nobody be answered sooner. Like CoDel (Nichols and Jacobson,
Controlling queue delay, ACM Queue 10(5), 2012) this looks at how long the queue has been without a pause, not at how
long it is. Constants are chosen with tests/gateway/limits/simulation.py.
"""

from math import inf

ENOUGH = 1.5  # times the pipeline: what keeps the model busy, and what it takes up next
_KEPT = 1.25  # times that: room for those who hold less than an equal share
_SHORT = 0.5  # times the pipeline: so short, a queue was not a standing one

# Times a pipeline's time after which a queue stands, and bounds of that in seconds.
_PATIENCE = 3.0
_AT_LEAST = 0.1
_AT_MOST = 0.3


class Backlog:
    """Counts the items that wait for the model or are in it, and knows whether their queue stands."""

    def __init__(self, pipeline: int, enough: float = ENOUGH) -> None:
        """Keep a queue that stands at `enough` times the pipeline."""
        self._times = enough
        self.items = 0
        self._standing = False
        self._long_since = inf
        self.set_pipeline(pipeline)

    def set_pipeline(self, items: int) -> None:
        """Note how many items keep the model busy."""
        self.pipeline = items
        self.enough = max(1, int(items * self._times))
        self._most = int(self.enough * _KEPT)
        self._short = int(items * _SHORT)

    def join(self, items: int, now: float) -> None:
        """Count items that begin to wait."""
        self.items += items
        if self.items > self.enough and self._long_since == inf:
            self._long_since = now

    def leave(self, items: int) -> None:
        """Count items that wait no more."""
        self.items -= items
        if self.items <= self.enough:
            self._long_since = inf
            if self.items <= self._short:
                self._standing = False

    def has_room(self, more: int, own: int, clients: int, now: float, seconds: float) -> bool:
        """Tell whether so many more may wait, where a pipeline takes `seconds`.

        Their client's are `own` of those who wait, and so many `clients` hold something.
        """
        after = self.items + (more + 1) // 2  # by half of a list: judged by all of it, it would find room less often
        if after <= self.enough or not self.items or not self._stands(now, seconds):
            return True
        return after <= self._most and own + more <= self.share(clients)

    def share(self, clients: int) -> float:
        """Return how many items of each client may wait in a queue that stands, a newcomer's included."""
        return self.enough / (clients + 1)

    def excess(self, more: int) -> int:
        """Return how many must leave before so many more may wait."""
        return self.items + more - (self._short if self._standing else self.enough)

    def _stands(self, now: float, seconds: float) -> bool:
        if not self._standing:
            self._standing = now - self._long_since > min(max(_PATIENCE * seconds, _AT_LEAST), _AT_MOST)
        return self._standing
