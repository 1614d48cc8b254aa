"""What a load run leaves behind: steps of constant rate, each with its latencies, and what was made of them."""

import msgspec

from loadtest import slo
from loadtest.facts import Facts
from loadtest.load.objectives import longest
from loadtest.openloop.summary import Line


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, where and how."""

    url: str
    protocol: str  # "http" or "grpc"
    what: str  # "faq", "images", "triton faq_matcher", ...
    batch: int  # items in a request


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """A bound of the run, as it was written, and the step's figure as text."""

    text: str
    shown: str
    met: bool


class Percentile(msgspec.Struct, frozen=True, kw_only=True):
    """How long requests took in one stage, in milliseconds; "total" is the whole, seen by the client."""

    stage: str
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A rate held for some time. Latencies count from when a request was due; None where nothing was answered.

    `errors` is the share of the requests that were neither answered nor refused, `refused` of those that were told to
    come again (429, 503). `histogram` is an HdrHistogram (V2, base64, compressed) of the answered requests' latencies
    in microseconds. `doubts` say why the figures are more about the driver than about the service.
    """

    rate: float  # requests/s that were asked for
    seconds: float
    offered_per_s: float
    answered_per_s: float
    errors: float
    refused: float
    statuses: dict[str, int]
    mean_ms: float | None
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    p999_ms: float | None
    max_ms: float | None
    stages: list[Percentile]
    line: Line
    histogram: str
    objectives: list[Objective]
    doubts: list[str]

    @property
    def holds(self) -> bool:
        """Whether all objectives were met.

        A driver that is late or busy makes latencies look longer, never shorter: a bound that they keep all the same
        is kept. Without such a bound, nobody knows whether it sent what it should.
        """
        return all(each.met for each in self.objectives) and (not self.doubts or self._latency_bounded)

    @property
    def _latency_bounded(self) -> bool:
        return longest(slo.parse(each.text)[0] for each in self.objectives) is not None


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """A run; `best` is the index of the step with the highest rate that holds, None where none does or none was asked.

    `knee` is the index of the last step before latency turns upwards, None where a run is too short to tell.
    `interrupted` says that the run was ended early: its steps are sound, there are fewer.
    """

    facts: Facts
    target: Target
    arrivals: str  # "poisson" or "constant"
    processes: int
    slo: str  # as it was written, "" where none was given
    steps: list[Step]
    best: int | None
    knee: int | None
    interrupted: bool
    driver_busy: float  # share of a core that the busiest driver process used, in the last step

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created

    @property
    def above(self) -> Step | None:
        """The step at the lowest rate above the best one, None where there is none.

        Of several attempts it is one that the driver doubts, where there is such a one: what lies above the best rate
        is the service's limit only where no figure speaks for the driver's.
        """
        best = 0.0 if self.best is None else self.steps[self.best].rate
        higher = [each for each in self.steps if each.rate > best]
        return min(higher, key=lambda each: (each.rate, not each.doubts), default=None)
