"""The report of what things cost, and how to read it."""

from statistics import median

import msgspec

from loadtest import goals
from loadtest.facts import Facts
from loadtest.goals import Goal
from loadtest.meter import Round
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds, per_second

LEAST = 0.9  # of the throughput without


class Priced(msgspec.Struct, frozen=True):
    """A gateway's rounds; the first one in a report is what all others are compared with."""

    name: str
    rounds: list[Round]

    @property
    def per_s(self) -> float:
        """Requests per second: the median of the rounds."""
        return median(each.rate for each in self.rounds)


class CostReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run; rounds of the same place were measured one after the other."""

    facts: Facts
    workload: str
    driver: str
    disturbance: float
    priced: list[Priced]

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created

    def ratio(self, priced: Priced) -> float:
        """Return its throughput as a share of the first one's: the median of the rounds' own ratios."""
        pairs = zip(priced.rounds, self.priced[0].rounds, strict=True)
        return median(each.rate / base.rate for each, base in pairs)


def judge(report: CostReport) -> list[Goal]:
    """Return the goals with what the run gave."""
    base, *others = report.priced
    return [goals.at_least(f"{each.name}, against {base.name}", report.ratio(each), LEAST) for each in others]


def grids(report: CostReport) -> list[Grid]:
    """Return the table."""
    head = ("gateway", "requests/s", "p50 ms", "p99 ms", "of the first")
    return [Grid(f"FAQ matching over HTTP, {report.workload}", head, [[_row(report, p) for p in report.priced]], 1)]


def _row(report: CostReport, priced: Priced) -> Row:
    latencies = (median(each.p50_ms for each in priced.rounds), median(each.p99_ms for each in priced.rounds))
    return (priced.name, per_second(priced.per_s), *map(milliseconds, latencies), f"{report.ratio(priced):.1%}")


def notes(report: CostReport) -> str:
    """Return where and how the run was made, as sentences."""
    rounds = report.priced[0].rounds
    length = f"{len(rounds)} interleaved rounds of {rounds[0].seconds:.0f} s"
    how = f"shared by services and load generator ({report.driver}); {length}, ratios within each"
    others = f"Between the rounds, others kept {report.disturbance:.0%} of the machine busy."
    return " ".join([*report.facts.sentences(how), others])
