"""A picture of a run: throughput beside its limit and its peer, and the latency of a lone question."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.figures import GRPC, HTTP, IN_PROCESS, LIST, MANY, PEER, TRITON
from loadtest.report import Measured, Report

FILE = "latest.png"
_COLOURS = {IN_PROCESS: "#9aa3ad", TRITON: "#76a83a", HTTP: "#1f5fa8", GRPC: "#5f9bd8", PEER: "#d9772b"}
_INK, _FAINT = "#2b3138", "#e5e8eb"


def save(report: Report, path: Path) -> None:
    """Write a PNG."""
    figure = Figure(figsize=(11.5, 5.4), layout="constrained")
    axes = figure.subplot_mosaic([["single", "alone"], ["lists", "alone"]], width_ratios=[1.5, 1], height_ratios=[5, 3])
    _throughput(axes["single"], _single(report))
    axes["single"].set_title(f"One question per request, {MANY} at a time: questions per second", fontsize=10)
    _throughput(axes["lists"], _lists(report))
    axes["lists"].set_title(f"{LIST} questions per request: questions per second", fontsize=10)
    _latency(axes["alone"], [report.find(group, 1) for group in (TRITON, HTTP, GRPC, PEER)])
    axes["alone"].set_title("One question at a time: milliseconds", fontsize=10)
    hardware = report.hardware
    title = f"FAQ matching, {report.model.entries} entries; {hardware.cores} cores ({hardware.cpu}) for everything"
    figure.suptitle(title, fontsize=12, color=_INK)
    figure.savefig(path, dpi=140)


def _single(report: Report) -> list[Measured]:
    return [_best_in_process(report, 1), *(report.find(group, MANY) for group in (TRITON, HTTP, GRPC, PEER))]


def _lists(report: Report) -> list[Measured]:
    lists = [each for each in report.figures if each.batch == LIST and each.group in {TRITON, HTTP}]
    return [_best_in_process(report, LIST), *lists]


def _best_in_process(report: Report, batch: int) -> Measured:
    candidates = [each for each in report.figures if each.group == IN_PROCESS and each.batch == batch]
    return max(candidates, key=lambda each: each.questions_per_s)


def _throughput(axes: Axes, shown: Sequence[Measured]) -> None:
    rates = [each.questions_per_s for each in shown]
    axes.barh(range(len(shown)), rates, color=[_COLOURS[each.group] for each in shown], height=0.7)
    for place, rate in enumerate(rates):
        _write(axes, rate, place, f"{rate:,.0f}")
    _name(axes, [f"{each.group}\n{each.setting}" if each.group == IN_PROCESS else each.group for each in shown])
    axes.set_xlim(0, max(rates) * 1.13)
    axes.locator_params(axis="x", nbins=6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _latency(axes: Axes, shown: Sequence[Measured]) -> None:
    colours = [_COLOURS[each.group] for each in shown]
    percentiles = (("p50", [each.p50_ms for each in shown]), ("p99", [each.p99_ms for each in shown]))
    for (name, values), shift, alpha in zip(percentiles, (-0.19, 0.19), (1, 0.45), strict=True):
        places = [index + shift for index in range(len(shown))]
        axes.barh(places, values, color=colours, height=0.34, alpha=alpha)
        for place, value in zip(places, values, strict=True):
            _write(axes, value, place, f"{value:.2f}  {name}")
    _name(axes, [each.group for each in shown])
    axes.set_xlim(0, max(each.p99_ms for each in shown) * 1.3)


def _write(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(text, (x, y), (4, 0), textcoords="offset points", va="center", fontsize=8.5, color=_INK)


def _name(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), list(names), fontsize=8.5, color=_INK)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8.5, colors=_INK)
    axes.grid(axis="x", color=_FAINT)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
