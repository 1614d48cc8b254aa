"""Looks at one variant: brief ones, a search for its limit, and long ones."""

from collections.abc import Callable
from typing import Protocol

from loadtest.errors import LoadTestError
from loadtest.tune.budget import Budget
from loadtest.tune.errors import VariantError
from loadtest.tune.goal import Goal
from loadtest.tune.measured import Burst, Step, Trial
from loadtest.tune.rates import bisected, stepped
from loadtest.tune.variant import Variant

_SEARCH, _AROUND, _AT_RATE = 5, 3, 2  # steps of a search: by halves, around a known rate, at the wanted rate
_AROUND_STEP = 1.5  # times its length that a step takes: warm-up, the last replies, loading the variant
_LOWEST = 1.0  # items/s, where nothing was held


class Bench(Protocol):
    """Measures a variant; raises VariantError where the variant is to blame."""

    def burst(self, variant: Variant, in_flight: int, seconds: float) -> Burst: ...

    def step(self, variant: Variant, rate: float, seconds: float) -> Step: ...


class Looks:
    """Measures trials; a variant that Triton refuses is dropped with its reason. Rates are items/s."""

    def __init__(self, bench: Bench, goal: Goal, budget: Budget, list_size: int) -> None:
        self._bench = bench
        self._goal = goal
        self._budget = budget
        self._list_size = list_size

    def first(self, default: Variant, usual: int) -> None:
        """See how fast the default is: how much is asked at a time, and for how long, depends on it.

        Raises LoadTestError where it does not answer. `usual` items are kept under way.
        """
        in_flight = max(1, usual // self._list_size)
        try:
            burst = self._bench.burst(default, in_flight, self._budget.lengths(in_flight).burst)
        except VariantError as error:
            raise LoadTestError(f"the config that is served now fails: {error}", "see Triton's log") from None
        self._in_flight = self._goal.in_flight(burst.items_per_s, self._list_size, usual)
        self._burst_s = self._budget.lengths(burst.items_per_s / self._list_size).burst

    def brief(self, trial: Trial) -> None:
        """Make a burst; where a rate is wanted that a variant can give, hold it for a moment, too."""

        def look() -> None:
            trial.bursts.append(self._bench.burst(trial.variant, self._in_flight, self._burst_s))
            if self._goal.rate is not None and not self._goal.hopeless(trial, 0.0):
                self._hold(trial, self._goal.rate)

        self._attempt(trial, look)

    def unfinished(self, trial: Trial, around: float | None = None) -> bool:
        """Tell whether the search for a variant's limit has a step to make, `around` a rate where one is given."""
        count = _AT_RATE if self._goal.rate else _SEARCH if around is None else _AROUND
        return not trial.dropped and len(trial.search) < count

    def limit(self, trial: Trial, around: float | None = None) -> None:
        """Make one step of that search: by halves, around a rate, or at the wanted rate."""
        if self._goal.rate:
            rate = self._goal.rate
        elif around is None:
            rate = bisected(trial.capacity, trial.search)
        else:
            rate = stepped(max(around, _LOWEST), trial.search)
        self._attempt(trial, lambda: self._hold(trial, rate))

    def long(self, trial: Trial, start: float) -> None:
        """Make one long step: at the wanted rate, or up and down from `start` on."""
        rate = self._goal.rate or stepped(max(start, _LOWEST), trial.final)
        seconds = self._budget.lengths(rate / self._list_size).final
        self._attempt(trial, lambda: trial.final.append(self._bench.step(trial.variant, rate, seconds)))

    def long_s(self, rate: float) -> float:
        """Return how many seconds a long step takes, with what is done around it."""
        return _AROUND_STEP * self._budget.lengths((self._goal.rate or max(rate, _LOWEST)) / self._list_size).final

    def _hold(self, trial: Trial, rate: float) -> None:
        seconds = self._budget.lengths(rate / self._list_size).search
        trial.search.append(self._bench.step(trial.variant, rate, seconds))

    def _attempt(self, trial: Trial, measure: Callable[[], None]) -> None:
        try:
            measure()
        except VariantError as error:
            trial.dropped = str(error)
