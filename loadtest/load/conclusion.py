"""What a run says, in plain words, and the exit code that goes with it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from loadtest.load.interrupts import EXIT_CODE as INTERRUPTED
from loadtest.load.plan import Plan
from loadtest.load.report import LoadReport, Objective, Step
from loadtest.wording import milliseconds

_MET, _MISSED = 0, 1
_HELP = "give the driver more processes (--processes) or an idle machine of its own"


class Conclusion(NamedTuple):
    """Sentences, and the exit code."""

    sentences: list[str]
    code: int


def conclude(report: LoadReport, plan: Plan) -> Conclusion:
    """Return what a run says about the service."""
    if not report.steps:
        return Conclusion(["The run was interrupted before anything was measured."], INTERRUPTED)
    sentences, met = ([], True) if not plan.objectives else _ramped(report) if plan.ramp else _held(report.steps)
    sentences += _disturbed(report, plan) + _items(report) + _knee(report)
    if report.interrupted:
        return Conclusion([*sentences, "The run was interrupted: there is more to find out."], INTERRUPTED)
    return Conclusion(sentences, _MET if met else _MISSED)


def _held(steps: Sequence[Step]) -> tuple[list[str], bool]:
    """One sentence for each rate that was to hold."""
    return [_one(each) for each in steps], all(each.holds for each in steps)


def _one(step: Step) -> str:
    if step.holds:
        return f"At {step.rate:,g} requests/s the SLO is met: {_shown(step)}."
    if step.doubts:
        return _doubt(step)
    missed = ", ".join(f"{each.text} ({each.shown})" for each in step.objectives if not each.met)
    return f"At {step.rate:,g} requests/s the SLO is missed: {missed}."


def _ramped(report: LoadReport) -> tuple[list[str], bool]:
    above, slo = report.above, report.slo.replace(",", ", ")
    if report.best is None:
        assert above is not None
        return [_one(above) if above.doubts else f"No rate that was tried meets the SLO. {_one(above)}"], False
    best = report.steps[report.best]
    found = f"{best.rate:,g} requests/s ({_shown(best)})"
    if above is None:
        return [f"All rates up to {found} meet {slo}: the limit lies higher, raise the ramp."], True
    start = f"At least {found} meet {slo}" if above.doubts else f"The highest rate that meets {slo} is {found}"
    return [f"{start}. {_one(above)}"], True


def _doubt(step: Step) -> str:
    reasons = "; ".join(step.doubts)
    return f"At {step.rate:,g} requests/s the driver is the limit, not the service ({reasons}): {_HELP}."


def _disturbed(report: LoadReport, plan: Plan) -> list[str]:
    """Say where figures that count are no better than the driver."""
    counting = [each for each in report.steps if each.holds or not each.objectives]
    if plan.ramp:
        counting = [max(counting, key=lambda each: each.rate)] if counting else []
    doubtful = next((each for each in counting if each.doubts), None)
    if doubtful is None:
        return []
    at = f"at {doubtful.rate:,g} requests/s ({'; '.join(doubtful.doubts)})"
    return [f"The driver disturbed the figures {at}: the service is no slower than they say. For better ones, {_HELP}."]


def _shown(step: Step) -> str:
    return ", ".join(f"{_metric(each)} {each.shown}" for each in step.objectives)


def _metric(objective: Objective) -> str:
    return re.split("[<>=]", objective.text)[0].strip()


def _knee(report: LoadReport) -> list[str]:
    if report.knee is None:
        return []
    at = report.steps[report.knee]
    mean = milliseconds(at.mean_ms or 0)
    return [f"Latency turns upwards beyond {at.rate:,g} requests/s, where the mean is {mean} ms."]


def _items(report: LoadReport) -> list[str]:
    if report.target.batch == 1 or report.best is None:
        return []
    rate, batch = report.steps[report.best].rate, report.target.batch
    return [f"{rate:,g} requests/s with {batch} in each are {rate * batch:,g} items/s."]
