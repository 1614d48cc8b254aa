"""What became of a step: its requests as figures, held against what was asked for."""

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

import numpy as np

from loadtest import slo
from loadtest.load.objectives import longest
from loadtest.load.report import Objective, Percentile, Step
from loadtest.meter import Span
from loadtest.openloop.histogram import encoded
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.schedule import Seconds
from loadtest.openloop.summary import line, milliseconds, statuses

TOTAL = "total"
_NONE = "nothing was answered"


class Aim(NamedTuple):
    """A rate (requests/s), how long it is held, what it has to keep, and how many may be under way at most."""

    rate: float
    span: Span
    objectives: Sequence[slo.Objective]
    connections: float


def step(aim: Aim, outcome: Outcome) -> Step:
    """Return the figures of what was due after the warm-up."""
    since, seconds = aim.span
    part = outcome.between(since, since + seconds)
    part = part._replace(due=part.due - since)
    ended = (outcome.ended >= since) & (outcome.ended < since + seconds)
    answered = part.latency[part.ok]
    figures = _figures(part, answered, int(np.sum(ended & outcome.ok)) / seconds)
    goals = slo.judged(list(aim.objectives), figures)
    given = {name: None if np.isnan(value) else value for name, value in figures.items()}
    return Step(
        rate=aim.rate,
        seconds=seconds,
        offered_per_s=round(len(part.due) / seconds, 2),
        answered_per_s=round(figures["rate"], 2),
        errors=figures["errors"],
        refused=figures["refused"],
        statuses=statuses(part),
        mean_ms=given["mean"],
        p50_ms=given["p50"],
        p90_ms=given["p90"],
        p95_ms=given["p95"],
        p99_ms=given["p99"],
        p999_ms=given["p99.9"],
        max_ms=given["max"],
        stages=_stages(part),
        line=line(part, seconds),
        histogram=encoded(answered),
        objectives=[Objective(text=each.bound, shown=_shown(each.shown), met=each.met) for each in goals],
        doubts=_doubts(aim, part),
    )


def _figures(part: Outcome, answered: Seconds, per_s: float) -> dict[str, float]:
    percents = {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "p99.9": 99.9, "max": 100}
    found = {name: milliseconds(answered, percent) for name, percent in percents.items()}
    count = max(1, len(part.due))
    return {
        **{name: nan if value is None else value for name, value in found.items()},
        "mean": round(float(np.mean(answered)) * 1e3, 3) if len(answered) else nan,
        "errors": float(np.sum(~(part.ok | part.refused))) / count,
        "refused": float(np.sum(part.refused)) / count,
        "rate": per_s,
    }


def _shown(text: str) -> str:
    return _NONE if text.startswith("nan") else text


def _stages(part: Outcome) -> list[Percentile]:
    parts = {name: values[part.ok & ~np.isnan(values)] / 1e3 for name, values in part.stages.items()}
    known = {TOTAL: part.latency[part.ok], **parts}
    return [_percentiles(name, values) for name, values in known.items() if len(values)]


def _percentiles(stage: str, seconds: Seconds) -> Percentile:
    p50, p90, p99, most = (milliseconds(seconds, percent) or 0.0 for percent in (50, 90, 99, 100))
    return Percentile(stage=stage, p50_ms=p50, p90_ms=p90, p99_ms=p99, max_ms=most)


def _doubts(aim: Aim, part: Outcome) -> list[str]:
    """Return the driver's doubts, but for those that only a service which is too slow can raise.

    With as many requests under way as the driver can have, the mean latency is their number divided by the rate
    (Little's law). Where that is longer than any latency allowed, the service is why requests wait for a connection.
    """
    limit = longest(aim.objectives)
    if limit is not None and aim.connections / aim.rate > limit:
        part = part._replace(waited=np.zeros_like(part.waited))
    return part.doubts()
