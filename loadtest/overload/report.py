"""The report of an overload run, and how to read it."""

import msgspec

from loadtest import goals
from loadtest.facts import Facts
from loadtest.goals import Goal
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.summary import Line, Summary, line, normal_again, summary
from loadtest.overload.memory import Memory

NORMAL = 0.7  # of the peak: the load that the service is planned for
TIMES = 3.0  # the peak: the overload
GOODPUT = 0.9  # of the peak
SLOWER = 3.0  # times the p99 at normal load
REFUSED_MS = 20.0
RECOVERED = 2.0  # seconds
FLAT = 1.1  # times
# What counts as normal again: normal load has its own bursts.
_NORMAL_P50 = 1.5  # times
_SETTLING = 2.0  # seconds of a phase that are not counted as its normal state
_EDGE = 10.0  # seconds at both ends of the overload whose memory is compared


class Course(msgspec.Struct, frozen=True):
    """How the run went, in seconds since its start: normal load, overload from `since` to `until`, normal load."""

    since: float
    until: float
    end: float


class OverloadReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run; rates in requests per second, each with `batch` items (`unit`).

    `doubts` say why the driver may have been what was measured; `recovery_s` is None when p50 did not become normal.
    """

    facts: Facts
    title: str
    unit: str
    batch: int
    services: dict[str, str]
    course: Course
    peak_per_s: float
    normal: Summary
    overload: Summary
    after: Summary
    recovery_s: float | None
    memory: Memory
    line: Line
    doubts: list[str]

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created


def report(  # noqa: PLR0913  what a run gives
    facts: Facts, *, title: str, unit: str, batch: int, services: dict[str, str], course: Course, peak: float,
    outcome: Outcome, memory: Memory,
) -> OverloadReport:  # fmt: skip
    """Sum up a run."""
    normal = summary(outcome, _SETTLING, course.since)
    p50 = (normal.p50_ms or 0.0) / 1e3
    return OverloadReport(
        facts=facts, title=title, unit=unit, batch=batch, services=services, course=course, peak_per_s=round(peak, 2),
        normal=normal,
        overload=summary(outcome, course.since, course.until),
        after=summary(outcome, course.until + RECOVERED, course.end),
        recovery_s=normal_again(outcome, course.until, p50 * _NORMAL_P50),
        memory=memory,
        line=line(outcome, course.end),
        doubts=outcome.between(course.since, course.until).doubts(),
    )  # fmt: skip


def judge(report: OverloadReport) -> list[Goal]:
    """Return the goals with what the run gave."""
    normal, overload = report.normal, report.overload
    never = float("inf")
    return [
        goals.at_least("answered under overload, of the peak", overload.answered_per_s / report.peak_per_s, GOODPUT),
        goals.at_most(
            "p99 of accepted requests under overload, against normal load",
            (overload.p99_ms or never) / (normal.p99_ms or never),
            SLOWER,
        ),
        goals.under("refusals answered, p99", overload.refused_p99_ms or never, REFUSED_MS, "ms"),
        goals.at_most("memory of the gateway, end against begin of the overload", growth(report), FLAT),
        goals.at_most("p50 normal after the overload", never if report.recovery_s is None else report.recovery_s,
                      RECOVERED, "s"),
    ]  # fmt: skip


def growth(report: OverloadReport) -> float:
    """Return the most memory in the last seconds of the overload as a multiple of that in its first ones."""
    since, until, _ = msgspec.structs.astuple(report.course)
    edge = min(_EDGE, (until - since) / 2)
    return report.memory.largest(until - edge, until) / report.memory.largest(since, since + edge)
