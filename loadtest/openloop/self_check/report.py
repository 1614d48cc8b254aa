"""The report of the driver's own test, and how to read it."""

import msgspec

from loadtest import goals
from loadtest.facts import Facts
from loadtest.goals import Goal
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds, per_second

PERCENTS = (50, 90, 99)
RATE, DEVIATION = 15_000, 5.0  # requests/s; percent


class Seen(msgspec.Struct, frozen=True):
    """Requests/s, and the latencies (milliseconds) at PERCENTS."""

    rate: float
    percentiles: list[float]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A rate (requests/s) that was tried; `why` says why it was not held, if so."""

    offered: float
    seen: Seen
    lag_p99_ms: float
    busy: float
    starved: float
    why: list[str]


class DriverReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `limit` is what wrk reaches as fast as replies come, which needs neither times nor Python.

    `known` are the percentiles of the time for which the slow server keeps requests, `by_wrk` and `by_driver` what
    the two saw of it at the same rate.
    """

    facts: Facts
    processes: int
    seconds: float
    limit: Seen
    held: list[Held]
    known: Seen
    by_wrk: Seen
    by_driver: Held
    disturbance: float

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created

    @property
    def best(self) -> float:
        """The highest rate that was held, 0 for none."""
        return max((each.offered for each in self.held if not each.why), default=0.0)

    @property
    def deviations(self) -> list[float]:
        """How many percent the driver's percentiles are off wrk's."""
        pairs = zip(self.by_driver.seen.percentiles, self.by_wrk.percentiles, strict=True)
        return [abs(own / other - 1) * 100 for own, other in pairs]


def judge(report: DriverReport) -> list[Goal]:
    """Return the goals with what the run gave."""
    rate = goals.at_least(f"rate held by {report.processes} processes", report.best, RATE, "requests/s")
    named = zip(PERCENTS, report.deviations, strict=True)
    return [rate, *(goals.at_most(f"p{percent} off wrk's", value, DEVIATION, "%") for percent, value in named)]


def grids(report: DriverReport) -> list[Grid]:
    """Return the tables: rates against nginx, then latencies of the slow server."""
    return [_rates(report), _latencies(report)]


def _rates(report: DriverReport) -> Grid:
    head = ("load", "requests/s", "p50 ms", "p99 ms", "lag p99 ms", "of a core", "waited for one")
    closed: Row = ("wrk, as fast as replies come", *_figures(report.limit), "", "", "")
    held = [
        (
            f"not held: {'; '.join(each.why)}" if each.why else "held",
            *_figures(each.seen),
            milliseconds(each.lag_p99_ms),
            f"{each.busy:.0%}",
            f"{each.starved:.0%}",
        )
        for each in report.held
    ]
    return Grid(f"nginx, asked by {report.processes} processes of the driver", head, [[closed], held], words=1)


def _figures(seen: Seen) -> Row:
    return per_second(seen.rate), milliseconds(seen.percentiles[0]), milliseconds(seen.percentiles[-1])


def _latencies(report: DriverReport) -> Grid:
    head = ("seen by", "requests/s", *(f"p{percent} ms" for percent in PERCENTS))
    rows = [
        _row("the server itself", report.known),
        _row("wrk", report.by_wrk),
        _row("the driver", report.by_driver.seen),
    ]
    off: Row = ("driver off wrk", "", *(f"{each:.1f} %" for each in report.deviations))
    return Grid("A server that keeps requests for a known time", head, [rows, [off]], words=1)


def _row(name: str, seen: Seen) -> Row:
    return (name, per_second(seen.rate), *map(milliseconds, seen.percentiles))


def notes(report: DriverReport) -> str:
    """Return where and how the run was made, as sentences."""
    how = f"shared by servers and load generators; {report.seconds:g} s for each rate, arrivals at random"
    others = f"Between the rates, others kept {report.disturbance:.0%} of the machine busy."
    doubts = [f"NOT VALID: {doubt}." for doubt in report.by_driver.why]
    return " ".join([*report.facts.sentences(how), others, *doubts])
