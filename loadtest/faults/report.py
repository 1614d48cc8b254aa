"""The report of a run with faults, and how to read it."""

from collections.abc import Sequence

import msgspec
import numpy as np

from loadtest import goals
from loadtest.facts import Facts
from loadtest.goals import Goal
from loadtest.openloop.outcome import CLOSED, LATE, Outcome
from loadtest.openloop.summary import Line, line, milliseconds, normal_again, statuses

DEADLINE = 5.0  # seconds; the gateway's default
_SLACK = 0.5  # seconds by which an answer may miss it on its way through a busy machine
_RECOVERED = 30.0  # seconds
# p50 is normal again when it is no more than so much above what it was before.
_FACTOR, _MARGIN = 1.5, 0.005  # times, seconds


class Struck(msgspec.Struct, frozen=True):
    """Something that was done, from `since` to `until`, and how long it was watched; seconds since the run's start.

    `lossless`: not a single request may be lost over it.
    """

    name: str
    what: str
    since: float
    until: float
    watched_until: float
    calm_since: float
    lossless: bool = False


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What it did to one kind of requests.

    `unanswered_in_time` counts those that got neither answer nor error within their deadline, `cut_off` those whose
    connection was closed instead. `recovery_s` counts from the fault's end until p50 is normal, None if never.
    """

    stream: str
    requests: int
    statuses: dict[str, int]
    lost: int
    cut_off: int
    unanswered_in_time: int
    slowest_failure_ms: float | None
    p50_before_ms: float | None
    recovery_s: float | None


class Stretch(msgspec.Struct, frozen=True):
    """A fault with its effects."""

    struck: Struck
    effects: list[Effect]


class Stream(msgspec.Struct, frozen=True):
    """One kind of requests over time."""

    name: str
    per_s: float
    line: Line
    doubts: list[str]


class Scene(msgspec.Struct, frozen=True):
    """Faults on one deployment under one load."""

    name: str
    services: dict[str, str]
    streams: list[Stream]
    stretches: list[Stretch]


class FaultsReport(msgspec.Struct, frozen=True):
    """One run."""

    facts: Facts
    scenes: list[Scene]

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created


class Sent(msgspec.Struct, frozen=True):
    """What became of a stream that was to have so many requests per second."""

    name: str
    per_s: float
    outcome: Outcome


def scene(name: str, services: dict[str, str], sent: Sequence[Sent], struck: Sequence[Struck], seconds: float) -> Scene:
    """Sum up what was seen on one deployment in so many seconds."""
    streams = [Stream(each.name, each.per_s, line(each.outcome, seconds), each.outcome.doubts()) for each in sent]
    stretches = [Stretch(each, [effect(stream, each) for stream in sent]) for each in struck]
    return Scene(name, services, streams, stretches)


def effect(sent: Sent, struck: Struck) -> Effect:
    """Return what a fault did to a stream."""
    outcome = sent.outcome
    hit = outcome.between(struck.since, struck.watched_until)
    before = outcome.between(struck.calm_since, struck.since)
    p50 = float(np.median(before.latency)) if len(before.due) else 0.0
    failures = hit.latency[~hit.ok]
    in_time = ~hit.ok & (hit.status != LATE) & (hit.latency <= DEADLINE + _SLACK)
    return Effect(
        stream=sent.name,
        requests=len(hit.due),
        statuses=statuses(hit),
        lost=len(failures),
        cut_off=int(np.sum(hit.status == CLOSED)),
        unanswered_in_time=int(np.sum(~hit.ok & ~in_time)),
        slowest_failure_ms=milliseconds(failures, 100),
        p50_before_ms=milliseconds(before.latency, 50),
        recovery_s=normal_again(hit, struck.until, max(p50 * _FACTOR, p50 + _MARGIN)),
    )


def judge(report: FaultsReport) -> list[Goal]:
    """Return the goals with what the run gave."""
    return [goal for scene in report.scenes for each in scene.stretches for goal in _goals(scene.name, each)]


def _goals(scene: str, stretch: Stretch) -> list[Goal]:
    name = f"{scene}, {stretch.struck.name}"
    total = sum(each.requests for each in stretch.effects)
    if stretch.struck.lossless:
        lost = sum(each.lost for each in stretch.effects)
        return [goals.at_most(f"{name}, lost of {total:,} requests", lost, 0, "requests")]
    late = sum(each.unanswered_in_time for each in stretch.effects)
    slowest = max(float("inf") if each.recovery_s is None else each.recovery_s for each in stretch.effects)
    return [
        goals.at_most(f"{name}, without an answer in time of {total:,} requests", late, 0, "requests"),
        goals.at_most(f"{name}, p50 normal after its end", slowest, _RECOVERED, "s"),
    ]
