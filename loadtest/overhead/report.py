"""The report of what safety takes from the throughput, and how to read it."""

from statistics import median

import msgspec

from loadtest import goals
from loadtest.facts import Facts
from loadtest.goals import Goal
from loadtest.meter import Round
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds, per_second

LEAST = 0.9  # of the throughput without


class Compared(msgspec.Struct, frozen=True):
    """A gateway's rounds; the first one in a report is what all others are compared with."""

    name: str
    rounds: list[Round]

    @property
    def per_s(self) -> float:
        """Requests per second: the median of the rounds."""
        return median(each.rate for each in self.rounds)


class OverheadReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run; rounds of the same place were measured one after the other."""

    facts: Facts
    workload: str
    driver: str
    disturbance: float
    compared: list[Compared]

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created

    def ratio(self, compared: Compared) -> float:
        """Return its throughput as a share of the first one's: the median of the rounds' own ratios."""
        pairs = zip(compared.rounds, self.compared[0].rounds, strict=True)
        return median(each.rate / base.rate for each, base in pairs)


def judge(report: OverheadReport) -> list[Goal]:
    """Return the goals with what the run gave."""
    base, *others = report.compared
    return [goals.at_least(f"{each.name}, against {base.name}", report.ratio(each), LEAST) for each in others]


def grids(report: OverheadReport) -> list[Grid]:
    """Return the table."""
    head = ("gateway", "requests/s", "p50 ms", "p99 ms", "of the first")
    rows = [_row(report, each) for each in report.compared]
    return [Grid(f"FAQ matching over HTTP, {report.workload}", head, [rows], 1)]


def _row(report: OverheadReport, compared: Compared) -> Row:
    latencies = (median(each.p50_ms for each in compared.rounds), median(each.p99_ms for each in compared.rounds))
    return (compared.name, per_second(compared.per_s), *map(milliseconds, latencies), f"{report.ratio(compared):.1%}")


def notes(report: OverheadReport) -> str:
    """Return where and how the run was made, as sentences."""
    rounds = report.compared[0].rounds
    length = f"{len(rounds)} interleaved rounds of {rounds[0].seconds:.0f} s"
    how = f"shared by services and load generator ({report.driver}); {length}, ratios within each"
    others = f"Between the rounds, others kept {report.disturbance:.0%} of the machine busy."
    return " ".join([*report.facts.sentences(how), others])
