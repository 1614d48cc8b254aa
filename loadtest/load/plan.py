"""What a run does: which rates, how long each, and what each has to keep."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from loadtest.errors import LoadTestError
from loadtest.load import objectives, search
from loadtest.load.report import Step
from loadtest.load.search import Ramp, Tried
from loadtest.load.service import PATIENCE
from loadtest.meter import Span
from loadtest.openloop.schedule import Phase, Seconds, constant, poisson
from loadtest.slo import Objective

Arrivals = Literal["poisson", "constant"]


class Plan(NamedTuple):
    """Rates that are all tried, or a ramp between which the limit is looked for; requests/s and seconds."""

    rates: Sequence[float]
    ramp: Ramp | None
    span: Span
    arrivals: Arrivals
    processes: int
    objectives: Sequence[Objective]

    def following(self, steps: Sequence[Step]) -> float | None:
        """Return the rate of the next step, None after the last one."""
        if self.ramp is not None:
            return search.following(self.ramp, [Tried(each.rate, each.holds) for each in steps])
        return self.rates[len(steps)] if len(steps) < len(self.rates) else None

    def due(self, rate: float, seed: int) -> Seconds:
        """Return when the requests of a step are due."""
        phases = [Phase(rate, sum(self.span))]
        return constant(phases) if self.arrivals == "constant" else poisson(phases, seed)

    @property
    def patience(self) -> float:
        """How many seconds a reply is awaited: longer than any that is allowed."""
        return max(PATIENCE, 2 * (objectives.longest(self.objectives) or 0))


def plan(rates: Sequence[float], ramp: str, slo: str, span: Span, arrivals: Arrivals, processes: int) -> Plan:
    """Return a plan from what was typed. Raises LoadTestError for what cannot be done or judged."""
    if bool(rates) == bool(ramp):
        raise LoadTestError(
            "give either --rate or --ramp", 'for instance --rate 500, or --ramp 100:5000 --slo "p99<50ms"'
        )
    if ramp and not slo:
        raise LoadTestError("--ramp looks for the highest rate that keeps an SLO", 'add for instance --slo "p99<50ms"')
    wanted = objectives.completed(slo) if slo else []
    if ramp and any(each.metric == "rate" for each in wanted):
        raise LoadTestError("--ramp looks for the rate itself", "leave the rate out of --slo, or use --rate")
    if not all(0 < rate < float("inf") for rate in rates):
        raise LoadTestError("a rate is to be above 0", "for instance --rate 500")
    objectives.check_duration(wanted, span.seconds)
    return Plan(rates, search.parse(ramp) if ramp else None, span, arrivals, processes, wanted)
