"""A picture of a run: throughput beside its limits and its peer, and latencies."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib import colors
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from loadtest.figures import Kind
from loadtest.report import Measured, Report
from loadtest.wording import milliseconds, per_second

FILE = "latest.png"
_COLOURS = {
    Kind.IN_PROCESS: "#9aa3ad", Kind.TRITON: "#76a83a", Kind.HTTP: "#1f5fa8", Kind.GRPC: "#5f9bd8",
    Kind.PEER: "#d9772b", Kind.DESIGN_2019: "#b5483a", Kind.PART: "#c9a227",
}  # fmt: skip
INK, FAINT = "#2b3138", "#e5e8eb"
# Inches: of the picture, for each bar, for a panel's title and axis, for a title above panels.
_WIDTH, _BAR, _HEADS, _TITLE = 11.5, 0.36, 0.65, 0.4


class Bar(NamedTuple):
    """A figure under the name that a reader of the picture sees."""

    name: str
    figure: Measured


class Panel(NamedTuple):
    """Bars under one title: items/s, or p50 and p99 in milliseconds."""

    title: str
    bars: Sequence[Bar]
    latency: bool = False


class Panels(NamedTuple):
    """What is shown of one model, in two columns; panels without bars are left out."""

    title: str
    left: list[Panel]
    right: list[Panel]


def save(report: Report, rows: Sequence[Panels], path: Path) -> None:
    """Write a PNG with one row of panels for each model."""
    heights = [max(sum(map(_inches, column)) for column in _columns(row)) + _TITLE for row in rows]
    figure = Figure(figsize=(_WIDTH, sum(heights) + _TITLE), layout="constrained")
    parts = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)
    for part, row in zip(parts[:, 0], rows, strict=True):
        part.suptitle(row.title, fontsize=12, fontweight="bold", color=INK)
        sides = part.subfigures(1, 2, squeeze=False, width_ratios=[1.5, 1])
        for side, column in zip(sides[0], _columns(row), strict=True):
            _draw(side, column)
    hardware = report.facts.hardware
    machine = ", ".join([hardware.cpu, *(gpu.name for gpu in hardware.gpus)])
    figure.suptitle(f"{report.title}; {hardware.cores} cores ({machine}) for everything", fontsize=12, color=INK)
    figure.savefig(path, dpi=140)


def _columns(row: Panels) -> list[list[Panel]]:
    return [[panel for panel in column if panel.bars] for column in (row.left, row.right)]


def _draw(side: SubFigure, panels: Sequence[Panel]) -> None:
    if not panels:
        return
    axes = side.subplots(len(panels), squeeze=False, height_ratios=[*map(_inches, panels)])
    for each, panel in zip(axes[:, 0], panels, strict=True):
        (_latency if panel.latency else _throughput)(each, panel.bars)
        each.set_title(panel.title, fontsize=10, color=INK)


def _inches(panel: Panel) -> float:
    return _HEADS + _BAR * len(panel.bars) * (1.25 if panel.latency else 1)


def _throughput(axes: Axes, bars: Sequence[Bar]) -> None:
    rates = [figure.items_per_s for _, figure in bars]
    axes.barh(range(len(bars)), rates, color=[_COLOURS[figure.kind] for _, figure in bars], height=0.7)
    for place, rate in enumerate(rates):
        _write(axes, rate, place, per_second(rate))
    _name(axes, [name for name, _ in bars])
    axes.set_xlim(0, max(rates) * 1.13)


def _latency(axes: Axes, bars: Sequence[Bar]) -> None:
    for place, (_, figure) in enumerate(bars):
        pale = colors.to_rgba(_COLOURS[figure.kind], 0.45)
        for name, value, shift, colour in (
            ("p50", figure.p50_ms, -0.19, _COLOURS[figure.kind]),
            ("p99", figure.p99_ms, 0.19, pale),
        ):
            axes.barh(place + shift, value, color=colour, height=0.34)
            _write(axes, value, place + shift, f"{milliseconds(value)}  {name}")
    _name(axes, [name for name, _ in bars])
    axes.set_xlim(0, max(figure.p99_ms for _, figure in bars) * 1.45)


def _write(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(text, (x, y), (4, 0), textcoords="offset points", va="center", fontsize=8.5, color=INK)


def _name(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), list(names), fontsize=8.5, color=INK)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8.5, colors=INK)
    axes.locator_params(axis="x", nbins=6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value == round(value) else f"{value:g}")
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
