"""Draws one panel, much as Grafana would."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from k8s.monitoring.grafana.spec import Heat, Limits, Lines, Number, Panel, Table
from k8s.monitoring.preview.history import History, Series

# Grafana's colours by its names.
_COLOURS = {
    "green": "#73bf69",
    "light-green": "#96d98d",
    "yellow": "#f2cc0c",
    "orange": "#ff9830",
    "red": "#f2495c",
    "dark-red": "#c4162a",
    "purple": "#b877d9",
    "blue": "#5794f2",
    "light-blue": "#8ab8ff",
}
_SHOWN = {
    "s": (1e3, " ms"),
    "percentunit": (100.0, " %"),
    "bytes": (1e-6, " MB"),
    "reqps": (1.0, " /s"),
    "ops": (1.0, " /s"),
}
_MOST_NAMES = 6


@singledispatch
def draw(panel: Panel, axes: Axes, history: History) -> None:
    """Draw a panel of any kind."""
    raise TypeError(f"nothing draws {type(panel).__name__}")


@draw.register
def _lines(panel: Lines, axes: Axes, history: History) -> None:
    factor, unit = _SHOWN.get(panel.unit, (1.0, ""))
    series = _found(panel, history)
    colours = [_colour(panel, each.name) for each in series]
    if panel.stacked and series:
        times, values = _aligned(series, history)
        axes.stackplot(times, values * factor, labels=[each.name for each in series], colors=_all(colours), alpha=0.8)
    else:
        for each, colour in zip(series, colours, strict=True):
            times, values = _aligned([each], history)
            axes.plot(times, values[0] * factor, label=each.name, color=colour, linewidth=1.2)
    _limits(panel.limits, axes, factor)
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
    axes.set_ylabel(unit.strip(), fontsize=6)
    if series:
        axes.legend(fontsize=5, loc="upper left", frameon=False, ncols=2 if len(series) > 3 else 1)
    else:
        _note(axes, "no data here")


@draw.register
def _number(panel: Number, axes: Axes, history: History) -> None:
    factor, unit = _SHOWN.get(panel.unit, (1.0, ""))
    rows = [(each.name, each.points[-1][1]) for each in _found(panel, history) if each.points]
    axes.set_axis_off()
    size = 16 if len(rows) < 2 else 8
    for place, (name, value) in enumerate(rows or [("", None)]):
        text = panel.none if value is None else f"{_short(value * factor)}{unit}  {name}"
        colour = _judged(panel.limits, value)
        axes.text(
            0.5, 1 - (place + 0.6) / (len(rows) + 0.3), text, fontsize=size, color=colour, ha="center", va="center"
        )


@draw.register
def _heat(panel: Heat, axes: Axes, history: History) -> None:
    series = sorted(_found(panel, history), key=lambda each: float(each.labels["le"]))
    if not series:
        _note(axes, "no data here")
        return
    times, reached = _aligned(series, history)
    cells = np.diff(np.nan_to_num(reached), axis=0, prepend=0).clip(min=0)
    axes.pcolormesh(times, range(len(series)), np.where(cells > 0, cells, np.nan), cmap="Oranges", shading="nearest")
    axes.set_yticks(range(len(series)), [each.labels["le"] for each in series], fontsize=5)


@draw.register
def _table(panel: Table, axes: Axes, history: History) -> None:
    axes.set_axis_off()
    columns = list(panel.columns)
    series = [each for each in _found(panel, history) if each.points][:_MOST_NAMES]
    cells = [[_cell(each, column) for column in columns] for each in series]
    if cells:
        shown = axes.table(cells, colLabels=list(panel.columns.values()), loc="upper center", cellLoc="left")
        shown.auto_set_font_size(value=False)
        shown.set_fontsize(6)
    else:
        _note(axes, "no data here")


def _found(panel: Panel, history: History) -> list[Series]:
    return [series for query in panel.queries for series in history.of(query)]


def _aligned(series: Sequence[Series], history: History) -> tuple[list[float], Any]:
    """Return the times of all, in minutes from the start, and a row of values for each; a gap is not a number."""
    times = sorted({at for each in series for at, _ in each.points})
    known = [dict(each.points) for each in series]
    values = np.array([[points.get(at, np.nan) for at in times] for points in known])
    return [(at - history.span.start) / 60 for at in times], values


def _colour(panel: Lines, name: str) -> str | None:
    return next((_COLOURS[colour] for key, colour in panel.colours.items() if name.startswith(key)), None)


def _all(colours: Sequence[str | None]) -> list[str] | None:
    """Return the colours if each series has one of its own."""
    return [colour for colour in colours if colour] if all(colours) else None


def _limits(limits: Limits | None, axes: Axes, factor: float) -> None:
    top = axes.get_ylim()[1]
    for value, colour in ((limits.doubtful, "orange"), (limits.bad, "red")) if limits else ():
        if value * factor < 2 * top:
            axes.axhline(value * factor, color=_COLOURS[colour], linestyle="--", linewidth=0.8)


def _judged(limits: Limits | None, value: float | None) -> str:
    if limits is None or value is None:
        return _COLOURS["blue"]
    passed = sum(value < limit if limits.low else value >= limit for limit in (limits.doubtful, limits.bad))
    return _COLOURS[("green", "orange", "red")[passed]]


def _cell(series: Series, column: str) -> str:
    return _short(series.points[-1][1]) if column == "Value" else series.labels.get(column, "")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _note(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=7, color="grey")
