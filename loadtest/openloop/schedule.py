"""When requests are due: phases of a rate that is constant or changes evenly, with arrivals at random or in step."""

from collections.abc import Callable, Sequence
from math import ceil, gcd
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
Seconds = NDArray[np.float64]


class Phase(NamedTuple):
    """So many requests per second on average, for so many seconds; with an `end`, the rate changes evenly to that."""

    rate: float
    seconds: float
    end: float | None = None

    @property
    def requests(self) -> float:
        """How many are due in it."""
        return (self.rate + self._last) / 2 * self.seconds

    @property
    def _last(self) -> float:
        return self.rate if self.end is None else self.end

    def when(self, counts: Seconds) -> Seconds:
        """Return after how many seconds so many requests have been due."""
        # After t seconds, rate * t + slope / 2 * t^2 were; the solution in the form that allows a slope of 0.
        slope = (self._last - self.rate) / self.seconds
        divisor = self.rate + np.sqrt(np.maximum(self.rate**2 + 2 * slope * counts, 0))
        times: Seconds = np.divide(2 * counts, divisor, out=np.zeros_like(counts), where=divisor > 0)
        return times


def poisson(phases: Sequence[Phase], seed: int = 0) -> Seconds:
    """Return times of a Poisson process, in seconds since its start; another seed gives other times.

    Its gaps are exponentially distributed: users who know nothing of each other arrive so, in bursts and pauses. Each
    phase has exactly as many as its rate and length say.
    """
    random = np.random.default_rng(seed)
    # Given how many arrivals there are, a Poisson process puts them anywhere with equal chance: so the count is exact.
    return _joined(phases, lambda phase: np.sort(random.uniform(0, phase.requests, round(phase.requests))))


def constant(phases: Sequence[Phase]) -> Seconds:
    """Return times with equal gaps, or with gaps that change as evenly as the rate, in seconds since the start."""
    return _joined(phases, lambda phase: np.arange(ceil(phase.requests), dtype=np.float64))


def _joined(phases: Sequence[Phase], counts: Callable[[Phase], Seconds]) -> Seconds:
    starts = np.cumsum([0.0, *(phase.seconds for phase in phases)])
    return np.concatenate([start + phase.when(counts(phase)) for start, phase in zip(starts, phases, strict=False)])


def share(items: Sequence[T], place: int, processes: int) -> list[T]:
    """Return the items that one of several processes takes in turn when request i is sent by process i % `processes`.

    Together they send what one process would that takes all items in turn.
    """
    turns = len(items) // gcd(len(items), processes)
    return [items[(turn * processes + place) % len(items)] for turn in range(turns)]
