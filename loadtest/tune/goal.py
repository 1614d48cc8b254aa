"""What a variant is wanted for: the highest rate within a latency limit, or the lowest latency at a rate."""

from collections.abc import Sequence
from math import inf
from statistics import median
from typing import NamedTuple

from loadtest.errors import LoadTestError
from loadtest.load.objectives import completed, longest, written
from loadtest.slo import Objective
from loadtest.tune.measured import Step, Trial

_HOPELESS = 0.7  # of the best burst: what does so much less is never the best at a latency limit
_HEADROOM = 1.05  # a burst has to give so many times the rate that is to be held
_LEAST_IN_FLIGHT, _MOST_IN_FLIGHT = 4, 512


class Goal(NamedTuple):
    """Objectives that steps keep, and the rate in items/s at which the latency is to be low; None seeks the rate."""

    objectives: Sequence[Objective]
    rate: float | None = None

    @property
    def limit_ms(self) -> float | None:
        """The longest latency that is allowed."""
        seconds = longest(self.objectives)
        return None if seconds is None else seconds * 1e3

    @property
    def bounds(self) -> str:
        """The objectives in words."""
        return written(self.objectives)

    @property
    def text(self) -> str:
        """The goal in words."""
        if self.rate is None:
            return f"the highest rate with {self.bounds}"
        return f"the lowest p99 at {self.rate:g}/s"

    def in_flight(self, capacity: float, list_size: int, usual: int) -> int:
        """Return how many requests to keep under way in a burst: as many as may wait within half of the limit.

        By Little's law; without a limit it is a usual number of items.
        """
        items = usual if self.limit_ms is None else capacity * self.limit_ms / 1e3 / 2
        return int(min(max(items / list_size, _LEAST_IN_FLIGHT), _MOST_IN_FLIGHT))

    def hopeless(self, trial: Trial, best: float) -> str:
        """Return why a variant need not be looked at any further after a burst; nothing when it need."""
        if self.rate is not None:
            short = trial.capacity < self.rate * _HEADROOM
            return f"too slow for {self.rate:g}/s" if short else ""
        share = trial.capacity / best if best else 1.0
        return f"{share:.0%} of the best burst" if share < _HOPELESS else ""

    def rank(self, trial: Trial) -> float:
        """Return how good a variant looks after bursts, or after steps at the rate; higher is better."""
        return trial.capacity if self.rate is None else calm(trial.search)

    def score(self, trial: Trial) -> float:
        """Return how good a variant is, higher is better; -inf where it kept the objectives at no rate.

        That is the highest rate which it held, in long steps twice, or its p99, negative.
        """
        if self.rate is not None:
            return calm(trial.final or trial.search)
        return held(trial.final, times=2) if trial.final else held(trial.search)


def goal(slo: str | None, rate: float | None) -> Goal:
    """Return the goal of the options. Raises LoadTestError."""
    if (slo is None) == (rate is None):
        raise LoadTestError("either a latency limit or a rate is wanted", "--slo p99=100ms, or --rate 500")
    if slo is None:
        return Goal(completed("errors<1%"), rate)
    objectives = completed(slo)
    if longest(objectives) is None:
        raise LoadTestError(f"{slo!r} limits no latency", "write for instance --slo p99=100ms")
    return Goal(objectives)


def held(steps: Sequence[Step], times: int = 1) -> float:
    """Return the highest rate that was held so many times, at it or above; -inf where there is none."""
    rates = sorted((each.rate for each in steps if each.met), reverse=True)
    return rates[times - 1] if len(rates) >= times else -inf


def calm(steps: Sequence[Step]) -> float:
    """Return the median of the steps' p99 in milliseconds, negative; -inf where most of them failed."""
    kept = [each.p99_ms for each in steps if each.met and each.p99_ms is not None]
    return -median(kept) if len(kept) * 2 > len(steps) else -inf
