"""What a Locust run is held to, for all requests together or for those of one name, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from loadtest import slo
from loadtest.errors import LoadTestError
from loadtest.goals import Goal
from loadtest.locust_users.failures import REFUSED
from loadtest.slo import Objective
from loadtest.table import Grid, Row

if TYPE_CHECKING:  # importing Locust changes the whole process
    from locust.stats import RequestStats, StatsEntry

_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
_ALL = "all requests"


class Scoped(NamedTuple):
    """Objectives for the requests of a name, over each protocol by itself; without a name for all together."""

    name: str
    objectives: list[Objective]


def three_digits(milliseconds: float) -> float:
    """Round a latency before it is counted.

    Locust's own two digits, and whole milliseconds below 100, would take 50.4 ms for 50 and 1,049 for 1,000.
    """
    return float(f"{milliseconds:.3g}")


def parse(text: str, names: Sequence[str]) -> Scoped:
    """Return what a text such as `p99<50ms` or `faq: p99<50ms,errors<0.1%` asks for. Raises LoadTestError."""
    name, colon, bounds = text.rpartition(":")
    if colon and name.strip() not in names:
        raise LoadTestError(f"there are no requests named {name.strip()!r}", f"the names are {', '.join(names)}")
    return Scoped(name.strip(), slo.parse(bounds))


def judged(asked: Sequence[Scoped], stats: "RequestStats") -> list[Goal]:
    """Return what became of each objective; one for requests that nobody made is missed."""
    return [goal for scoped in asked for goal in _judged(scoped, stats)]


def _judged(scoped: Scoped, stats: "RequestStats") -> Iterator[Goal]:
    for what, figures in _rows(scoped.name, stats):
        for goal in slo.judged(scoped.objectives, figures):
            value = figures[goal.what]
            shown = goal.shown if value == value else "no answers"  # noqa: PLR0124 - nan
            yield replace(goal, what=f"{what}: {goal.what}", shown=shown)


def _rows(name: str, stats: "RequestStats") -> list[tuple[str, Mapping[str, float]]]:
    if not name:
        return [(_ALL, _figures(stats.total, stats))]
    entries = [entry for entry in stats.entries.values() if entry.name == name]
    found = [(f"{entry.name} over {entry.method}", _figures(entry, stats)) for entry in entries]
    return found or [(name, _figures(None, stats))]


def _figures(entry: "StatsEntry | None", stats: "RequestStats") -> Mapping[str, float]:
    """Return the figures by metric: milliseconds, shares, answered requests per second.

    Latencies are those of answered requests alone: the others were logged without one.
    """
    if entry is None or not entry.num_requests:
        return dict.fromkeys([*_PERCENTILES, "max", "mean", "errors", "refused", "rate"], nan)
    refused = _refused(entry, stats)
    answered = entry.num_requests - entry.num_none_requests
    seconds = (stats.total.last_request_timestamp or nan) - stats.total.start_time
    latencies: dict[str, float] = {
        name: entry.get_response_time_percentile(share) for name, share in _PERCENTILES.items()
    } | {"max": entry.max_response_time, "mean": entry.avg_response_time}
    return (latencies if answered else dict.fromkeys(latencies, nan)) | {
        "errors": (entry.num_failures - refused) / entry.num_requests,
        "refused": refused / entry.num_requests,
        "rate": answered / seconds,
    }


def _refused(entry: "StatsEntry", stats: "RequestStats") -> int:
    total = entry is stats.total
    failures = (
        each for each in stats.errors.values() if total or (each.name, each.method) == (entry.name, entry.method)
    )
    return sum(each.occurrences for each in failures if each.parse_error(each.error).startswith(REFUSED))


def grid(goals: Sequence[Goal]) -> Grid:
    """Return the table that ends a run."""
    rows: list[Row] = [("met" if goal.met else "MISSED", goal.what, goal.shown, goal.bound) for goal in goals]
    return Grid("Objectives", ("verdict", "what", "measured", "objective"), [rows], words=2)
