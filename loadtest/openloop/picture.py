"""A picture of a run over time: panels below each other, with what was done to the service marked in all of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.plot import FAINT, INK

OFFERED, GOOD, REFUSED, FAILED, SLOW = "#9aa3ad", "#1f5fa8", "#d9772b", "#b3261e", "#8db8e8"
_WIDTH, _PANEL = 11.5, 2.1  # inches: of the picture, and the height of a panel
_SHADE, _LEAST = "#fbeee3", 0.3  # seconds: what takes no time is shown all the same


class Curve(NamedTuple):
    """Values over time in seconds; None leaves a gap."""

    name: str
    colour: str
    times: Sequence[float]
    values: Sequence[float | None]


class Bound(NamedTuple):
    """A value that curves shall stay above or below."""

    name: str
    value: float


class Mark(NamedTuple):
    """A stretch of time in which something was done to the service."""

    name: str
    since: float
    until: float


class Panel(NamedTuple):
    """Curves under one title, and what was done meanwhile; `logarithmic` where values differ by magnitudes.

    The first `bands` of the curves, none of which has gaps, are drawn as bands on top of each other.
    """

    title: str
    curves: Sequence[Curve]
    bounds: Sequence[Bound] = ()
    marks: Sequence[Mark] = ()
    logarithmic: bool = False
    bands: int = 0


def save(title: str, panels: Sequence[Panel], path: Path) -> None:
    """Write a PNG."""
    figure = Figure(figsize=(_WIDTH, _PANEL * len(panels) + 0.6), layout="constrained")
    for axes, panel in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels, strict=True):
        _draw(axes, panel)
        _mark(axes, panel.marks)
        _style(axes, panel.title)
    axes.set_xlabel("seconds", fontsize=8.5, color=INK)
    figure.suptitle(title, fontsize=12, color=INK)
    figure.savefig(path, dpi=140)


def _draw(axes: Axes, panel: Panel) -> None:
    stacked = panel.curves[: panel.bands]
    if stacked:
        values_of = [[value or 0 for value in each.values] for each in stacked]
        names, colours = [each.name for each in stacked], [each.colour for each in stacked]
        axes.stackplot(stacked[0].times, values_of, labels=names, colors=colours, linewidth=0)
    for name, colour, times, values in panel.curves[panel.bands :]:
        numbers = [float("nan") if value is None else value for value in values]
        axes.plot(times, numbers, color=colour, label=name, linewidth=1.5)
    for bound in panel.bounds:
        axes.axhline(bound.value, color=INK, linewidth=0.8, linestyle="--", label=bound.name)
    if panel.logarithmic:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)


def _mark(axes: Axes, marks: Sequence[Mark]) -> None:
    for number, mark in enumerate(marks):
        axes.axvspan(mark.since, max(mark.until, mark.since + _LEAST), color=_SHADE, zorder=0)
        below = -3 - 10 * (number % 2)  # a name may be longer than its mark: it does not run into the next one
        axes.annotate(
            mark.name, (mark.since, 1), (2, below), xycoords=("data", "axes fraction"), textcoords="offset points",
            va="top", fontsize=8, color=INK,
        )  # fmt: skip


def _style(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, color=INK, loc="left")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:g}")
    axes.tick_params(labelsize=8.5, colors=INK)
    axes.grid(color=FAINT)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8.5, frameon=False, labelcolor=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
