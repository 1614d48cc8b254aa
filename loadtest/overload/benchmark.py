"""The overload benchmark: find the peak, then normal load, three times the peak, and normal load again in one go."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

from loadtest import http_driver
from loadtest.bench import OnStep
from loadtest.command_line import shown
from loadtest.facts import before, facts
from loadtest.http_driver import Target
from loadtest.isolated import isolated
from loadtest.meter import Span
from loadtest.openloop import fleet, http_load
from loadtest.openloop.http_load import Load
from loadtest.openloop.schedule import Phase, poisson
from loadtest.overload import memory
from loadtest.overload.cases import Case
from loadtest.overload.report import NORMAL, TIMES, Course, OverloadReport, report
from loadtest.stack import check_published, product

NAME = "overload"
_PEAK = Span(warm_up=2.0, seconds=8.0)
_BEFORE, _AFTER = 22.0, 12.0  # seconds of normal load
_START_UP = 2.0  # seconds in which the process that sends gets ready
_PAUSE = 2.0  # seconds in which what the search for the peak left behind is worked off


def run(repository: Path, case: Case, seconds: float, on_step: OnStep) -> OverloadReport:
    """Overload the real stack for so many seconds. Raises LoadTestError."""
    check_published(repository, case.model, f"publish one with: scoring convert {case.model.partition('_')[0]}")
    seen = before()
    on_step("starting Triton and the gateway", 0, 3)
    with product(repository, [case.model]) as stack:
        target, requests = case.requests(stack)
        on_step("looking for the peak", 1, 3)
        peak = max(_closed_loop(target, requests, crowd) for crowd in case.crowds)
        on_step(f"normal load, {TIMES:g} times the peak of {peak:,.0f} requests/s, normal load", 2, 3)
        course = Course(_BEFORE, _BEFORE + seconds, _BEFORE + seconds + _AFTER)
        start = perf_counter() + _PAUSE + _START_UP
        with memory.watched(stack.server.pid, start) as sizes:
            outcome = fleet.drive(http_load.run, [_load(target, requests, peak, course)], start)
        on_step("done", 3, 3)
        return report(
            facts(seen, stack.triton_version),
            title=case.title, unit=case.unit, batch=case.batch, services={"product": shown(stack.server.command)},
            course=course, peak=peak, outcome=outcome, memory=sizes,
        )  # fmt: skip


def _closed_loop(target: Target, requests: Sequence[bytes], connections: int) -> float:
    """Return the requests/s that are answered with so many connections that wait for nothing but replies."""
    loop = partial(http_driver.closed_loop, target.address, requests)
    return isolated(loop, connections=connections, span=_PEAK).rate


def _load(target: Target, requests: Sequence[bytes], peak: float, course: Course) -> Load:
    phases = [
        Phase(NORMAL * peak, course.since),
        Phase(TIMES * peak, course.until - course.since),
        Phase(NORMAL * peak, course.end - course.until),
    ]
    return Load(target.address, requests, poisson(phases))
