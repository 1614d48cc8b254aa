"""A run: ask once, then step after step, each of them stored when it is done."""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

import msgspec

from loadtest.bench import OnStep
from loadtest.facts import Before, Facts, before, facts
from loadtest.load import objectives
from loadtest.load.interrupts import Interrupts
from loadtest.load.knee import knee
from loadtest.load.plan import Plan
from loadtest.load.recovery import wait_until_fast
from loadtest.load.report import LoadReport, Step
from loadtest.load.service import Answer, Pace, Service
from loadtest.load.step import Aim, step
from loadtest.openloop.outcome import Outcome

_SHORTEST = 2.0  # seconds of an interrupted step that are worth to be kept
_LOOK = 0.25  # seconds between two looks at the clock and at signals


class Watchers(NamedTuple):
    """Who is told where the run stands; and who keeps, and who shows the report so far when a step is done."""

    on_step: OnStep
    show: Callable[[LoadReport], None]
    keep: Callable[[LoadReport], None]


def run(service: Service, plan: Plan, watchers: Watchers, interrupts: Interrupts) -> LoadReport:
    """Load a running service as planned. Raises LoadTestError; what was measured before is kept by then."""
    seen = before()
    watchers.on_step(f"asking {service.target.url}", 0, 1)
    answer = service.ask()
    usual = min(answer.seconds, service.ask().seconds)  # the first one may have woken something up
    report = _begun(_facts(seen, answer), service, plan)
    while (rate := plan.following(report.steps)) is not None:
        if report.steps:
            wait_until_fast(service, usual, watchers.on_step, interrupts)
        found = _step(service, plan, rate, len(report.steps), watchers.on_step, interrupts)
        if found is None:
            break
        report = _with(report, *found)
        watchers.keep(report)
        watchers.show(report)
    report = msgspec.structs.replace(report, interrupted=interrupts.happened)
    if report.steps:
        watchers.keep(report)
    return report


def _facts(seen: Before, answer: Answer) -> Facts:
    known = facts(seen)
    return msgspec.structs.replace(known, versions={**known.versions, **answer.served})


def _begun(known: Facts, service: Service, plan: Plan) -> LoadReport:
    """Return a report without steps; until the end it counts as interrupted, whatever ends the run."""
    return LoadReport(
        facts=known,
        target=service.target,
        arrivals=plan.arrivals,
        processes=plan.processes,
        slo=objectives.written(plan.objectives),
        steps=[],
        best=None,
        knee=None,
        interrupted=True,
        driver_busy=0.0,
    )


def _with(report: LoadReport, found: Step, busy: float) -> LoadReport:
    steps = [*report.steps, found]
    held = [place for place, each in enumerate(steps) if each.objectives and each.holds]
    best = max(held, key=lambda place: steps[place].rate, default=None)
    return msgspec.structs.replace(report, steps=steps, best=best, knee=knee(steps), driver_busy=round(busy, 3))


def _step(
    service: Service, plan: Plan, rate: float, seed: int, on_step: OnStep, interrupts: Interrupts
) -> tuple[Step, float] | None:
    """Hold a rate; return its figures and how busy the driver was, None when it was ended too early to tell."""
    if interrupts.happened:
        return None
    fleet = service.start(Pace(plan.due(rate, seed), plan.processes, plan.patience))
    length = sum(plan.span)
    while not fleet.wait(_LOOK) and not interrupts.happened:
        on_step(f"{rate:,g} requests/s", ceil(min(max(fleet.clock, 0), length)), ceil(length))
    outcome = fleet.stop() if interrupts.happened else fleet.outcome()
    span = plan.span._replace(seconds=_sound(outcome, plan)) if interrupts.happened else plan.span
    if span.seconds < min(_SHORTEST, plan.span.seconds):
        return None
    return step(Aim(rate, span, plan.objectives, fleet.connections), outcome), outcome.busy


def _sound(outcome: Outcome, plan: Plan) -> float:
    """Return how many whole seconds of a step that was ended early were sent in full."""
    if not len(outcome.due):
        return 0.0
    return min(plan.span.seconds, float(int(max(0.0, outcome.due[-1] - plan.span.warm_up))))
