"""Objectives of a service, as text and in code: "p99<50ms,errors<0.1%"."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from loadtest.errors import LoadTestError
from loadtest.goals import Goal

# What can be limited, and in what unit figures are given.
_LATENCIES = ("p50", "p90", "p95", "p99", "p99.9", "max", "mean")  # milliseconds
_SHARES = ("errors", "refused")  # shares of all requests, 0 to 1
_RATE = "rate"  # answered requests per second

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "%": 1e-2, "/s": 1.0, "": 1.0}
_ALLOWED = {
    **dict.fromkeys(_LATENCIES, ("us", "ms", "s")),
    **dict.fromkeys(_SHARES, ("%", "")),
    _RATE: ("/s", ""),
}
_PIECE = re.compile(r"(?P<metric>[a-z0-9.]+)\s*(?P<sign><=|>=|<|>|=)\s*(?P<number>\d+(\.\d+)?)\s*(?P<unit>[a-z%/]*)")
_HINT = "write for instance p99<50ms,errors<0.1% or rate>500/s; p50 p90 p95 p99 p99.9 max mean, errors, refused, rate"


class Objective(NamedTuple):
    """A bound that a figure shall keep; `limit` in the unit of the figures: milliseconds, a share, or per second."""

    metric: str
    upper: bool  # whether the figure shall stay below the limit; else above
    limit: float
    text: str  # as it was written

    @property
    def of_latency(self) -> bool:
        """Whether it bounds how long requests take."""
        return self.metric in _LATENCIES

    def met(self, value: float) -> bool:
        """Tell whether a figure keeps the bound; one that is no number (nothing was answered) does not."""
        return value <= self.limit if self.upper else value >= self.limit


def parse(text: str) -> list[Objective]:
    """Return the objectives in a text; `p99=100ms` is the same as `p99<100ms`. Raises LoadTestError."""
    return [_objective(piece.strip()) for piece in text.split(",")]


def _objective(piece: str) -> Objective:
    found = _PIECE.fullmatch(piece)
    if found is None or found["metric"] not in _ALLOWED:
        raise LoadTestError(f"{piece!r} is no objective", _HINT)
    metric, unit = found["metric"], found["unit"]
    if unit not in _ALLOWED[metric]:
        raise LoadTestError(f"{piece!r}: {metric} has no unit {unit!r}", _HINT)
    upper = found["sign"][0] == "<" or (found["sign"] == "=" and metric != _RATE)
    return Objective(metric, upper, float(found["number"]) * _UNITS[unit], piece)


def judged(objectives: list[Objective], figures: Mapping[str, float]) -> list[Goal]:
    """Return what became of each objective; `figures` holds a value for each metric, nan where there is none."""
    return [_goal(each, figures[each.metric]) for each in objectives]


def _goal(objective: Objective, value: float) -> Goal:
    return Goal(objective.metric, shown(objective.metric, value), objective.text, objective.met(value))


def shown(metric: str, value: float) -> str:
    """Return a figure as people read it."""
    if metric in _LATENCIES:
        return f"{value:,.2f} ms"
    return f"{value:.3%}" if metric in _SHARES else f"{value:,.1f}/s"
