"""Which steps of a run pictures show, and in what colours."""

from collections.abc import Sequence
from math import nan

from loadtest.load.report import LoadReport, Step
from loadtest.page.colours import HIGH, LOW, MIDDLE

PERCENTILES = (("p50", LOW), ("p90", MIDDLE), ("p99", HIGH))


def counted(report: LoadReport) -> list[Step]:
    """Return one step for each rate, the lowest first: where a rate was tried again, the last one decides."""
    last = {step.rate: step for step in report.steps}
    return [last[rate] for rate in sorted(last)]


def telling(report: LoadReport, most: int) -> list[Step]:
    """Return at most so many of these: the best one, the knee, both ends, and others evenly between."""
    steps = counted(report)
    if len(steps) <= most:
        return steps
    marked = {report.steps[place].rate for place in (report.best, report.knee) if place is not None}
    chosen = [place for place, step in enumerate(steps) if step.rate in marked]
    even = [round(place * (len(steps) - 1) / (most - 1)) for place in range(most)]
    # Both ends before what lies between them.
    for place in (even[0], even[-1], *even[1:-1]):
        if len(chosen) < most and place not in chosen:
            chosen.append(place)
    return [steps[place] for place in sorted(chosen)]


def latency(step: Step, name: str) -> float:
    """Return a percentile such as p99 in milliseconds, nan where nothing was answered."""
    value: float | None = getattr(step, f"{name}_ms")
    return nan if value is None else value


def latencies(steps: Sequence[Step]) -> list[float]:
    """Return all percentiles that pictures show."""
    return [latency(step, name) for step in steps for name, _ in PERCENTILES]
