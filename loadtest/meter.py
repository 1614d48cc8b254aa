"""The clock of a closed loop: warm-up, a timed round, and what came of it."""

from array import array
from collections.abc import Sequence
from math import ceil, nan
from time import perf_counter
from typing import NamedTuple

import msgspec


class Span(NamedTuple):
    """How long a driver works: seconds that do not count, and seconds that do."""

    warm_up: float
    seconds: float


class Round(msgspec.Struct, frozen=True):
    """What a driver saw in one round after its warm-up; latencies in milliseconds, of requests that succeeded.

    `errors` counts requests that failed at any time, warm-up included: none of them is excused.
    """

    requests: int
    seconds: float
    errors: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


class Meter:
    """Takes the outcome of each request; a request counts when it ends after the warm-up and before the end."""

    def __init__(self, span: Span) -> None:
        self._seconds = span.seconds
        self._start = perf_counter() + span.warm_up
        self._end = self._start + span.seconds
        self._latencies = array("d")
        self._errors = 0

    @property
    def over(self) -> bool:
        """Whether the round has ended: no further request is to be made."""
        return perf_counter() >= self._end

    def record(self, sent: float, *, ok: bool) -> None:
        """Take a request that was sent at `sent` (of `time.perf_counter`) and has just ended."""
        now = perf_counter()
        if not ok:
            self._errors += 1
        elif self._start <= now < self._end:
            self._latencies.append(now - sent)

    def round(self) -> Round:
        """Return the figures of the round."""
        ordered = sorted(self._latencies)
        return Round(
            requests=len(ordered),
            seconds=self._seconds,
            errors=self._errors,
            p50_ms=percentile(ordered, 50) * 1e3,
            p99_ms=percentile(ordered, 99) * 1e3,
        )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` % of the ordered values do not exceed; NaN when there are none."""
    if not ordered:
        return nan
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
