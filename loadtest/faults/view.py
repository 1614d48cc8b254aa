"""A report of faults as tables and as a picture."""

from pathlib import Path

from loadtest.faults.report import Effect, FaultsReport, Scene, Stream, Stretch
from loadtest.openloop.picture import FAILED, GOOD, REFUSED, SLOW, Curve, Mark, Panel, save
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds

_HEAD = ("what happened", "requests", "sent", "answered", "refused or failed", "connection closed",
         "slowest failure ms", "p50 before ms", "normal again after s")  # fmt: skip


def grids(report: FaultsReport) -> list[Grid]:
    """Return one table for each scene."""
    return [
        Grid(scene.name, _HEAD, [_section(each) for each in scene.stretches], words=2) for scene in report.scenes
    ]  # fmt: skip


def _section(stretch: Stretch) -> list[Row]:
    names = [stretch.struck.name, *[""] * len(stretch.effects)]
    return [_row(name, each) for name, each in zip(names, stretch.effects, strict=False)]


def _row(name: str, effect: Effect) -> Row:
    told = effect.lost - effect.cut_off
    again = "never" if effect.recovery_s is None else f"{effect.recovery_s:.1f}"
    latencies = (_optional(effect.slowest_failure_ms), _optional(effect.p50_before_ms))
    counts = (effect.requests, effect.requests - effect.lost, told, effect.cut_off)
    return (name, effect.stream, *(f"{count:,}" for count in counts), *latencies, again)


def _optional(value: float | None) -> str:
    return "" if value is None else milliseconds(value)


def notes(report: FaultsReport) -> str:
    """Return where and how the run was made, as sentences."""
    rates = {stream.name: stream.per_s for scene in report.scenes for stream in scene.streams}
    load = ", ".join(f"{rate:g}/s ({name})" for name, rate in rates.items())
    how = f"shared by services, balancers and load generator; Poisson arrivals, {load}"
    doubts = [
        f"{scene.name}, {stream.name}: {doubt}."
        for scene in report.scenes
        for stream in scene.streams
        for doubt in stream.doubts
    ]
    return " ".join([*report.facts.sentences(how), *doubts])


def draw(report: FaultsReport, path: Path) -> None:
    """Write a PNG of the run over time, the faults shaded."""
    machine = f"{report.facts.hardware.cores} cores ({report.facts.hardware.cpu}) for everything"
    panels = [panel for scene in report.scenes for stream in scene.streams for panel in _panels(scene, stream)]
    save(f"Faults under constant load; {machine}", panels, path)


def _panels(scene: Scene, stream: Stream) -> list[Panel]:
    line = stream.line
    times = [second + 0.5 for second in range(len(line.offered))]
    marks = [Mark(each.struck.name, each.struck.since, each.struck.until) for each in scene.stretches]
    return [
        Panel(f"{scene.name}, {stream.name}: requests per second", [
            Curve("answered", GOOD, times, line.answered), Curve("refused", REFUSED, times, line.refused),
            Curve("failed", FAILED, times, line.failed),
        ], marks=marks),
        Panel(f"{scene.name}, {stream.name}: milliseconds until an answer", [
            Curve("p50", GOOD, times, line.p50_ms), Curve("p99", SLOW, times, line.p99_ms),
        ], marks=marks, logarithmic=True),
    ]  # fmt: skip
