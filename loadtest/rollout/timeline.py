"""What happened in the cluster, and when."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec


class Event(msgspec.Struct, frozen=True):
    """Something that happened to a pod at a time, in seconds since the run's start."""

    at: float
    pod: str
    what: str


class Count(NamedTuple):
    """How many pods there are from a time on, in seconds since the run's start."""

    at: float
    pods: int


class Timeline:
    """Notes what happens; `clock` tells the seconds since the run's start."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.events: list[Event] = []
        self.counts: dict[str, list[Count]] = {}
        self._clock = clock

    def begin(self, clock: Callable[[], float]) -> None:
        """Begin anew, with another clock and with what there is now."""
        self._clock = clock
        self.events.clear()
        self.counts = {name: [Count(0.0, counts[-1].pods)] for name, counts in self.counts.items()}

    def note(self, what: str, pod: str) -> None:
        """Note what has just happened to a pod."""
        self.events.append(Event(self._now(), pod, what))

    def count(self, name: str, pods: int) -> None:
        """Note how many pods of a Deployment can be asked now."""
        counts = self.counts.setdefault(name, [])
        if not counts or counts[-1].pods != pods:
            counts.append(Count(self._now(), pods))

    def _now(self) -> float:
        return round(self._clock(), 2)
