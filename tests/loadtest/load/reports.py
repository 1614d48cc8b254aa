"""Load reports made to order."""

from collections.abc import Sequence

import msgspec
import numpy as np

from loadtest.environment import Hardware, Revision
from loadtest.facts import Facts
from loadtest.load.knee import knee
from loadtest.load.report import LoadReport, Objective, Percentile, Step, Target
from loadtest.openloop.histogram import encoded
from loadtest.openloop.summary import Line

SLO = "p99<50ms,errors<1%,refused<1%"


def step(rate: float, p99_ms: float, *doubts: str, refused: float = 0.0, jitter: float = 0.02) -> Step:
    """A step of ten seconds, judged by its p99 alone; each second's p99 is off by up to `jitter`."""
    answered = rate * (1 - refused)
    p99s = [p99_ms * (1 + jitter * (second - 4.5) / 4.5) for second in range(10)]
    line = Line(
        offered=[round(rate)] * 10,
        answered=[round(answered)] * 10,
        refused=[round(rate * refused)] * 10,
        failed=[0] * 10,
        p50_ms=[value / 4 for value in p99s],
        p99_ms=[*p99s],
        refused_p99_ms=[1.0 if refused else None] * 10,
    )
    objective = Objective(text="p99<50ms", shown=f"{p99_ms:.2f} ms", met=p99_ms <= 50)
    return Step(
        rate=rate, seconds=10, offered_per_s=rate, answered_per_s=answered, errors=0.0, refused=refused,
        statuses={"200": round(answered * 10), "503": round(rate * refused * 10)},
        mean_ms=p99_ms / 3, p50_ms=p99_ms / 4, p90_ms=p99_ms / 2, p95_ms=p99_ms / 1.5, p99_ms=p99_ms,
        p999_ms=p99_ms * 1.5, max_ms=p99_ms * 2,
        stages=[Percentile(stage="total", p50_ms=p99_ms / 4, p90_ms=p99_ms / 2, p99_ms=p99_ms, max_ms=p99_ms * 2)],
        line=line, histogram=encoded(np.full(10, p99_ms / 4e3)), objectives=[objective], doubts=[*doubts],
    )  # fmt: skip


def report(steps: Sequence[Step], what: str = "faq", batch: int = 1, *, interrupted: bool = False) -> LoadReport:
    """A run of such steps."""
    held = [place for place, each in enumerate(steps) if each.holds]
    return LoadReport(
        facts=Facts(
            created="2026-11-23T08:00:00+00:00",
            command="scoring load faq",
            hardware=Hardware("Xeon", 2, 8.0, "Linux 6.1", 0.1),
            versions={"python": "3.11.2", "faq_matcher": "1"},
            revision=Revision("0123456789abcdef", modified=False),
        ),
        target=Target(url="http://127.0.0.1:8080", protocol="http", what=what, batch=batch),
        arrivals="poisson",
        processes=1,
        slo=SLO,
        steps=[*steps],
        best=max(held, key=lambda place: steps[place].rate, default=None),
        knee=knee(steps),
        interrupted=interrupted,
        driver_busy=0.2,
    )


def without_slo(made: LoadReport) -> LoadReport:
    """The same run, had no SLO been given."""
    steps = [msgspec.structs.replace(each, objectives=[]) for each in made.steps]
    return msgspec.structs.replace(made, steps=steps, slo="", best=None)
