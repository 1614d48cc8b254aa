"""The clock of a closed loop: warm-up, a timed round, and what came of it."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import ceil, nan
from time import perf_counter
from typing import NamedTuple, TypeVar

import msgspec

T = TypeVar("T")


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


def timed_calls(call: Callable[[T], object], feeds: Iterable[T], span: Span) -> Round:
    """Call with each of `feeds`, which must not end, and count every call that began within the round.

    For calls that take a noticeable part of the round: it is as long as the counted calls, so that none is counted
    by halves. At least one is made.
    """
    feed = iter(feeds)
    start = perf_counter() + span.warm_up
    while True:  # once at least: the first call is slower than all others
        call(next(feed))
        if (began := perf_counter()) >= start:
            break
    ends = [began]
    while len(ends) == 1 or ends[-1] < began + span.seconds:
        call(next(feed))
        ends.append(perf_counter())
    latencies = sorted(end - before for before, end in pairwise(ends))
    p50, p99 = (percentile(latencies, percent) * 1e3 for percent in (50, 99))
    return Round(requests=len(latencies), seconds=ends[-1] - began, errors=0, p50_ms=p50, p99_ms=p99)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` % of the ordered values do not exceed; NaN when there are none."""
    if not ordered:
        return nan
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
