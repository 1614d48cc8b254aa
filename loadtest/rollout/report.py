"""The report of a run, and how to read it."""

from collections.abc import Sequence

import msgspec
import numpy as np

from loadtest import goals
from loadtest.facts import Facts
from loadtest.goals import Goal
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.summary import Line, line, milliseconds, statuses
from loadtest.rollout.load import Sent
from loadtest.rollout.timeline import Count, Event
from loadtest.rollout.workload import Timings

_LEAST_SHARE = 0.5  # of what each would do if all did the same


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done to the cluster, from `since` to `until`, and watched; seconds since the run's start.

    `killed` are the pods that did not end within their grace. `shares` are of the answers that each Triton gave of
    late, where the scene is about that.
    """

    name: str
    calm_since: float
    since: float
    until: float
    watched_until: float
    killed: list[str]
    shares: dict[str, float] = {}


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a scene did to one kind of requests, from its start until it was no longer watched; milliseconds."""

    stream: str
    sent: int
    lost: int
    statuses: dict[str, int]
    versions: dict[str, int]
    slowest_ms: float | None
    p99_before_ms: float | None
    p99_during_ms: float | None
    p99_after_ms: float | None


class Told(msgspec.Struct, frozen=True):
    """A scene with its effects."""

    scene: Scene
    effects: list[Effect]


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of requests over time, and how many answers of each version came in each second."""

    name: str
    per_s: float
    line: Line
    versions: dict[str, list[int]]
    faults: list[str]
    doubts: list[str]


class RolloutReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run.

    `timings` and `settings` are those of the manifests, by Deployment, `delays` what a cluster adds, `endpoints` how
    many pods of a Deployment could be asked from which time on.
    """

    facts: Facts
    manifests: str
    timings: dict[str, Timings]
    settings: dict[str, str]
    delays: dict[str, float]
    streams: list[Stream]
    scenes: list[Told]
    events: list[Event]
    endpoints: dict[str, list[Count]]

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created


def stream(sent: Sent, seconds: float) -> Stream:
    """Sum up a stream of so many seconds."""
    seen = np.unique(sent.versions[sent.versions > 0])
    edges = np.arange(int(np.ceil(seconds)) + 1)
    counts = {
        str(version): np.histogram(sent.outcome.due[sent.versions == version], edges)[0].tolist() for version in seen
    }
    return Stream(
        name=sent.name,
        per_s=sent.per_s,
        line=line(sent.outcome, seconds),
        versions=counts,
        faults=sorted(set(sent.faults)),
        doubts=sent.outcome.doubts(),
    )


def told(scene: Scene, sent: Sequence[Sent]) -> Told:
    """Return a scene with what it did to each stream."""
    return Told(scene, [_effect(scene, each) for each in sent])


def _effect(scene: Scene, sent: Sent) -> Effect:
    outcome = sent.outcome
    hit = outcome.between(scene.since, scene.watched_until)
    first, last = np.searchsorted(outcome.due, (scene.since, scene.watched_until))
    versions, counts = np.unique(sent.versions[first:last], return_counts=True)
    named = {str(version): int(count) for version, count in zip(versions, counts, strict=True) if version}
    return Effect(
        stream=sent.name,
        sent=len(hit.due),
        # A reply whose answers are not those of the version that it names is lost, too: it has no version here.
        lost=len(hit.due) - sum(named.values()),
        statuses=statuses(hit),
        versions=named,
        slowest_ms=milliseconds(hit.latency, 100),
        p99_before_ms=_p99(outcome, scene.calm_since, scene.since),
        p99_during_ms=_p99(outcome, scene.since, scene.until),
        p99_after_ms=_p99(outcome, scene.until, scene.watched_until),
    )


def _p99(outcome: Outcome, since: float, until: float) -> float | None:
    return milliseconds(outcome.between(since, until).latency, 99)


def judge(report: RolloutReport) -> list[Goal]:
    """Return the goals with what the run gave."""
    return [goal for each in report.scenes for goal in _goals(each)]


def _goals(told: Told) -> list[Goal]:
    name, scene = told.scene.name, told.scene
    sent, lost = (sum(getattr(each, count) for each in told.effects) for count in ("sent", "lost"))
    found = [
        goals.at_most(f"{name}: lost of {sent:,} requests", lost, 0, "requests"),
        goals.at_most(f"{name}: pods killed because their grace was over", len(scene.killed), 0, "pods"),
    ]
    if scene.shares:
        fair = _LEAST_SHARE / len(scene.shares)
        least = min(scene.shares.values())
        found.append(goals.at_least(f"{name}: least share of a Triton", round(least, 3), round(fair, 3), "of all"))
    return found
