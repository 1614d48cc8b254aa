"""A report of a roll-out test as a table and as a picture."""

from collections.abc import Iterator
from pathlib import Path

from loadtest.openloop.picture import FAILED, GOOD, REFUSED, SLOW, Curve, Mark, Panel, save
from loadtest.rollout.report import Effect, RolloutReport, Stream, Told
from loadtest.rollout.workload import Timings
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds

_HEAD = ("what was done", "requests", "answered by version", "sent", "lost", "slowest ms",
         "p99 before ms", "during ms", "after ms")  # fmt: skip
_VERSIONS = (GOOD, REFUSED, SLOW, FAILED)


def grids(report: RolloutReport) -> list[Grid]:
    """Return the table of all scenes."""
    return [Grid("Roll-outs under load", _HEAD, [_section(each) for each in report.scenes], words=3)]


def _section(told: Told) -> list[Row]:
    names = [told.scene.name, *[""] * len(told.effects)]
    return [_row(name, each) for name, each in zip(names, told.effects, strict=False)]


def _row(name: str, effect: Effect) -> Row:
    versions = ", ".join(f"{version}: {count:,}" for version, count in effect.versions.items())
    latencies = (effect.slowest_ms, effect.p99_before_ms, effect.p99_during_ms, effect.p99_after_ms)
    shown = ("" if value is None else milliseconds(value) for value in latencies)
    return (name, effect.stream, versions, f"{effect.sent:,}", f"{effect.lost:,}", *shown)


def notes(report: RolloutReport) -> str:
    """Return where and how the run was made, as sentences."""
    rates = ", ".join(f"{each.per_s:g}/s ({each.name})" for each in report.streams)
    how = f"shared by pods, haproxy and load generator; Poisson arrivals, {rates}"
    return " ".join([*report.facts.sentences(how), *_timings(report), *_shares(report), *_doubts(report)])


def _timings(report: RolloutReport) -> Iterator[str]:
    yield f"Timings of {report.manifests}:"
    for name, timings in report.timings.items():
        yield f"{name}: {_of(timings)}."
    yield ", ".join(f"{name} {value}" for name, value in report.settings.items()) + "."
    delays = report.delays
    yield f"The edge hears of a pod after {delays['endpoints']:g} s, names after {delays['names']:g} s."


def _of(timings: Timings) -> str:
    probe = timings.readiness
    return (
        f"minReadySeconds {timings.min_ready:g}, maxSurge {timings.max_surge}, maxUnavailable "
        f"{timings.max_unavailable}, preStop {timings.pre_stop:g} s, terminationGracePeriodSeconds "
        f"{timings.termination_grace:g}, ready by {probe.path} every {probe.period:g} s, not ready after "
        f"{probe.failures} failures"
    )


def _shares(report: RolloutReport) -> Iterator[str]:
    for told in report.scenes:
        if told.scene.shares:
            yield f"{told.scene.name}: " + ", ".join(f"{name} {share:.0%}" for name, share in told.scene.shares.items())


def _doubts(report: RolloutReport) -> Iterator[str]:
    return (f"{each.name}: {text}." for each in report.streams for text in (*each.faults[:3], *each.doubts))


def draw(report: RolloutReport, path: Path) -> None:
    """Write a PNG of the run over time, the scenes shaded, versions as bands."""
    machine = f"{report.facts.hardware.cores} cores ({report.facts.hardware.cpu}) for everything"
    panels = [panel for stream in report.streams for panel in _panels(report, stream)]
    save(f"Roll-outs under load; {machine}", [*panels, _pods(report)], path)


def _panels(report: RolloutReport, stream: Stream) -> list[Panel]:
    line, marks = stream.line, _marks(report)
    times = [second + 0.5 for second in range(len(line.offered))]
    lost = [refused + failed for refused, failed in zip(line.refused, line.failed, strict=True)]
    bands = [
        Curve(f"version {version}", colour, times, counts)
        for (version, counts), colour in zip(sorted(stream.versions.items()), _VERSIONS, strict=False)
    ]
    return [
        Panel(f"{stream.name}: answers per second by version", [
            *bands, Curve("lost", FAILED, times, lost),
        ], marks=marks, bands=len(bands)),
        Panel(f"{stream.name}: milliseconds until an answer", [
            Curve("p50", GOOD, times, line.p50_ms), Curve("p99", SLOW, times, line.p99_ms),
        ], marks=marks, logarithmic=True),
    ]  # fmt: skip


def _pods(report: RolloutReport) -> Panel:
    """Return how many pods of each Deployment were endpoints over time, as steps."""
    end = max(told.scene.watched_until for told in report.scenes)
    curves = []
    for (name, counts), colour in zip(report.endpoints.items(), _VERSIONS, strict=False):
        until = [*(each.at for each in counts[1:]), end]
        times = [at for each, last in zip(counts, until, strict=True) for at in (each.at, last)]
        curves.append(Curve(name, colour, times, [each.pods for each in counts for _ in range(2)]))
    return Panel("pods that are endpoints", curves, marks=_marks(report))


def _marks(report: RolloutReport) -> list[Mark]:
    return [Mark(told.scene.name, told.scene.since, told.scene.until) for told in report.scenes]
