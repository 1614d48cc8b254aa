"""A Triton and a load generator: loads variants, drives them, and reads what Triton did meanwhile."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from loadtest.load.objectives import longest
from loadtest.load.step import Aim, step
from loadtest.meter import Span
from loadtest.openloop.schedule import Phase, poisson
from loadtest.slo import Objective
from loadtest.tune.configs import config_of
from loadtest.tune.control import Control
from loadtest.tune.drivers import Driver
from loadtest.tune.errors import VariantError
from loadtest.tune.executed import executed
from loadtest.tune.measured import Burst, Step
from loadtest.tune.space import merges
from loadtest.tune.variant import Variant

_WARM_UP = 0.2  # share of a run whose requests do not count
_SETTLED = 0.2  # seconds in which the config before goes
_PATIENCE = 10.0  # times the latency limit that a reply is awaited
_LEAST_PATIENCE = 2.0


class Origin(NamedTuple):
    """What variants differ from: the default, and the model's newest version, which is served without being named."""

    default: Variant
    newest: int


class Rig:
    """Measures one variant after the other; rates are items/s. Raises LoadTestError, VariantError."""

    def __init__(
        self, control: Control, driver: Driver, list_size: int, objectives: Sequence[Objective], origin: Origin
    ) -> None:
        self._control = control
        self._driver = driver
        self._list_size = list_size
        self._objectives = objectives
        self._origin = origin
        self._loaded = origin.default
        self._seed = 0

    def load(self, variant: Variant) -> None:
        """Serve a variant; the default is served as it was found."""
        if variant == self._loaded:
            return
        if variant == self._origin.default:
            self._control.restore()
        else:
            self._control.load(config_of(variant, self._control.original, self._origin.newest).json())
        self._loaded = variant
        time.sleep(_SETTLED)

    def burst(self, variant: Variant, in_flight: int, seconds: float) -> Burst:
        """Keep so many requests under way."""
        self.load(variant)
        before = self._control.statistics()
        found = self._driver.burst(in_flight, Span(seconds * _WARM_UP, seconds))
        if found.errors or not found.requests:
            raise VariantError(f"{found.errors} requests failed, {found.requests} were answered")
        return Burst(
            in_flight=in_flight,
            items_per_s=round(found.rate * self._list_size, 2),
            p99_ms=round(found.p99_ms, 3),
            executed=self._executed(variant, before),
        )

    def step(self, variant: Variant, rate: float, seconds: float) -> Step:
        """Hold a rate, with arrivals at random; once more where the load generator spoilt it."""
        self.load(variant)
        found = self._step(variant, rate, seconds)
        return self._step(variant, rate, seconds) if found.doubts and not found.met else found

    def _step(self, variant: Variant, rate: float, seconds: float) -> Step:
        self._seed += 1
        requests_per_s, span = rate / self._list_size, Span(seconds * _WARM_UP, seconds)
        before = self._control.statistics()
        due = poisson([Phase(requests_per_s, sum(span))], self._seed)
        outcome = self._driver.send(due, self._patience())
        found = step(Aim(requests_per_s, span, self._objectives, float("inf")), outcome)
        return Step(
            rate=round(rate, 2),
            seconds=seconds,
            answered_per_s=round(found.answered_per_s * self._list_size, 2),
            p50_ms=found.p50_ms,
            p99_ms=found.p99_ms,
            errors=found.errors + found.refused,
            met=all(each.met for each in found.objectives),
            doubts=found.doubts,
            executed=self._executed(variant, before),
        )

    def _patience(self) -> float:
        return max(_LEAST_PATIENCE, _PATIENCE * (longest(self._objectives) or 0.0))

    def _executed(self, variant: Variant, before: Any) -> Any:
        return executed(before, self._control.statistics(), self._list_size, merges=merges(variant.engine))
