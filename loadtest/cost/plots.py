"""The pictures: money a month against load, in whole nodes, and money for a million items."""

from pathlib import Path
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from loadtest.cost.curves import Curve, colour, curves, end
from loadtest.cost.report import CostReport, Line, ModelCost
from loadtest.cost.view import money, short, title
from loadtest.page.colours import GRID, INK, PAPER, SOFT
from loadtest.page.picture import Picture, drawn, is_narrow
from loadtest.wording import per_second

_WIDTH, _HEIGHT = 11.5, 3.5  # inches; of a model's row


def figure(report: CostReport) -> Figure:
    """Return one row for each model."""
    made = Figure(figsize=(_WIDTH, _HEIGHT * len(report.models)), layout="constrained")
    rows = made.subfigures(len(report.models), 1, squeeze=False)
    for row, model in zip(rows[:, 0], report.models, strict=True):
        _draw(row, report, model, narrow=False)
        row.suptitle(title(model), fontsize=11, color=INK)
    return made


def draw(report: CostReport, path: Path) -> None:
    """Write all rows as PNG."""
    figure(report).savefig(path, dpi=140)


def picture(report: CostReport, model: ModelCost) -> Picture:
    """Return a model's row for a page."""
    label = f"Left: what pools cost a month at each load. Right: {_heading(report, model)}."
    caption = (
        f"Pools of {report.least_nodes} nodes or more, each busy for {report.utilisation:.0%} at most. A dot: above "
        "this load it is cheaper than without GPU. Dashed: not measured, and drawn as if its GPU took no time."
    )

    def rows(made: Figure) -> None:
        _draw(made, report, model, narrow=is_narrow(made))

    return drawn(rows, label, _HEIGHT, tall=1.7, caption=caption)


def _draw(figure: Figure | SubFigure, report: CostReport, model: ModelCost, *, narrow: bool) -> None:
    rows, columns = (2, 1) if narrow else (1, 2)
    axes = figure.subplots(rows, columns, width_ratios=None if narrow else [1.5, 1])
    staircases(axes[0], report, model)
    bars(axes[1], report, model)


def staircases(axes: Axes, report: CostReport, model: ModelCost) -> None:
    """Draw what pools cost a month, up to some way behind the point where GPUs become cheaper."""
    shown = curves(model, report.plan)
    last = end(model, shown)
    top = 1.15 * shown[0].pool(last).monthly
    for curve in shown:
        loads, costs = curve.steps(last)
        if costs[0] < top:
            style = "--" if curve.assumed else "-"
            axes.plot(loads, costs, style, color=curve.colour, linewidth=1.8, label=curve.name)
        if curve.above is not None and curve.above < last:
            _mark(axes, curve)
    if model.advice:
        load = model.advice.load_per_s
        axes.axvline(load, color=INK, linewidth=1, linestyle=":", label=f"{per_second(load)}/s, as asked")
    axes.set_xlim(0, last)
    axes.set_ylim(0, top)
    axes.set_xlabel(f"{model.rate.unit}/s", fontsize=8.5, color=INK)
    axes.legend(
        fontsize=8, loc="lower right", labelcolor=INK, frameon=True, facecolor=PAPER, edgecolor="none", framealpha=0.85
    )
    axes.set_title(f"{report.currency} a month, by load", fontsize=9.5, color=INK, loc="left")
    _plain(axes, "both")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _mark(axes: Axes, curve: Curve) -> None:
    load = curve.above or 0.0
    cost = curve.pool(load * (1 + 1e-6)).monthly
    axes.plot([load], [cost], "o", color=curve.colour, markersize=6)
    _write(axes, f"{per_second(load)}/s", (load, cost), (6, -12))


def _write(axes: Axes, text: str, point: tuple[float, float], shift: tuple[float, float]) -> None:
    axes.annotate(text, point, shift, textcoords="offset points", fontsize=8, color=INK)


def bars(axes: Axes, report: CostReport, model: ModelCost) -> None:
    """Draw the price of a million items on each size."""
    widest = max(line.million_used for line in model.lines if line.million_used)
    colours = [*[colour(0)] * len(model.processors), *(colour(1 + place) for place in range(len(model.accelerators)))]
    for place, (line, paint) in enumerate(zip(model.lines, colours, strict=True)):
        width = line.million_used or 0.0
        axes.barh(place, width, color=paint, height=0.65)
        _write(axes, _said(line), (width, place), (4, -3))
    axes.set_yticks(range(len(model.lines)), [short(line.size.name) for line in model.lines], fontsize=8.5, color=INK)
    axes.set_ylim(len(model.lines) - 0.5, -0.5)
    axes.set_xlim(0, widest * 1.3)
    axes.set_title(_heading(report, model), fontsize=9.5, color=INK, loc="left")
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=5)
    _plain(axes, "x")
    axes.spines["left"].set_visible(False)


def _heading(report: CostReport, model: ModelCost) -> str:
    return f"{report.currency} a million {model.rate.unit}, {report.utilisation:.0%} busy"


def _said(line: Line) -> str:
    if line.million_used is not None:
        return money(line.million_used)
    must = per_second(line.break_even_per_s or 0)
    if line.most_per_s is not None:
        return f"needs {must}/s, has {per_second(line.most_per_s)} at best"
    return f"not measured; cheaper above {must}/s"


def _plain(axes: Axes, grid: Literal["x", "both"]) -> None:
    axes.tick_params(labelsize=8.5, colors=SOFT)
    axes.grid(visible=False)
    axes.grid(axis=grid, color=GRID)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
