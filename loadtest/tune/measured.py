"""What was measured of a variant: bursts of as many requests as it can take, and steps at a given rate."""

import msgspec

from loadtest.tune.executed import Executed
from loadtest.tune.variant import Variant


class Burst(msgspec.Struct, frozen=True, kw_only=True):
    """So many requests kept under way for some time; items/s, milliseconds."""

    in_flight: int
    items_per_s: float
    p99_ms: float
    executed: Executed


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A rate (items/s) held for some time with random arrivals; latencies from when a request was due.

    `met` says whether the objectives were kept; `doubts` why the figures are more about the load generator.
    """

    rate: float
    seconds: float
    answered_per_s: float
    p50_ms: float | None
    p99_ms: float | None
    errors: float
    met: bool
    doubts: list[str]
    executed: Executed


class Trial(msgspec.Struct, kw_only=True):
    """A variant and all that was measured of it; `dropped` says why it was not looked at any further."""

    variant: Variant
    bursts: list[Burst] = msgspec.field(default_factory=list)
    search: list[Step] = msgspec.field(default_factory=list)
    final: list[Step] = msgspec.field(default_factory=list)
    dropped: str = ""

    @property
    def capacity(self) -> float:
        """Items/s when there is always work: the best burst, for what disturbs the machine only slows it down."""
        return max((each.items_per_s for each in self.bursts), default=0.0)

    @property
    def steps(self) -> list[Step]:
        """All steps, in the order in which they were made."""
        return [*self.search, *self.final]
