"""A run second by second, its steps one after the other."""

from collections.abc import Callable, Sequence
from math import nan

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.load.pictures.limits import limit, limits
from loadtest.load.report import LoadReport, Step
from loadtest.openloop.summary import Line
from loadtest.page.axes import legend, logarithmic, plain
from loadtest.page.colours import BAD, DOUBT, GRID, HIGH, LOW, SOFT
from loadtest.page.picture import Picture, drawn, is_narrow

_NAME = 0.05, 0.14  # shares of the width that a step's name takes, wide and narrow
_CAPTION = "What lies between two steps, the warm-up and the service's recovery, is left out."


def picture(report: LoadReport) -> Picture:
    """Return latencies and rates over time, in the order in which the steps were run."""
    steps = report.steps

    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.3, 1])
        columns = 2 if is_narrow(figure) else 4
        _latencies(upper, report)
        _rates(lower, steps)
        for axes in (upper, lower):
            _separate(axes, steps)
            legend(axes, columns)
        if len(steps) > 1:
            _name(lower, steps, _NAME[is_narrow(figure)])
        lower.set_xlabel("seconds" if len(steps) == 1 else "requests/s asked for, one step after the other")

    return drawn(draw, "Latency and rates over time", 4.8, caption=_CAPTION if len(steps) > 1 else "")


def _latencies(axes: Axes, report: LoadReport) -> None:
    shown: list[float | None] = [each.limit for each in limits(report)]
    for name, colour, values in (("p50", LOW, _p50), ("p99", HIGH, _p99)):
        seconds, heights = _joined(report.steps, values)
        axes.plot(seconds, heights, color=colour, label=name, linewidth=1.5)
        shown += heights
    limit(axes, limits(report))
    logarithmic(axes, shown)
    axes.set_ylabel("ms")


def _rates(axes: Axes, steps: Sequence[Step]) -> None:
    kinds: Sequence[tuple[str, str, Callable[[Line], Sequence[float | None]]]] = (
        ("offered", SOFT, lambda line: line.offered),
        ("answered", HIGH, lambda line: line.answered),
        ("refused", DOUBT, lambda line: _some(line.refused)),
        ("failed", BAD, lambda line: _some(line.failed)),
    )
    for name, colour, values in kinds:
        seconds, heights = _joined(steps, values)
        if any(height > 0 for height in heights):
            axes.plot(seconds, heights, color=colour, label=name, linewidth=1 if name == "offered" else 1.5)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("per second")
    plain(axes.yaxis)


def _some(counts: Sequence[int]) -> Sequence[float | None]:
    """Return what a step counted, nothing where all is zero: such a line would only underline the axis."""
    return counts if any(counts) else [None] * len(counts)


def _p50(line: Line) -> Sequence[float | None]:
    return line.p50_ms


def _p99(line: Line) -> Sequence[float | None]:
    return line.p99_ms


def _joined(steps: Sequence[Step], values: Callable[[Line], Sequence[float | None]]) -> tuple[list[float], list[float]]:
    """Return the middle of each second with its value, and a gap between two steps."""
    seconds: list[float] = []
    heights: list[float] = []
    for start, step in zip(_starts(steps), steps, strict=False):
        # The last second of a step that ended within it would look like a fall.
        whole = values(step.line)[: max(1, int(step.seconds))]
        seconds += [*(start + second + 0.5 for second in range(len(whole))), start + step.seconds]
        heights += [*(nan if value is None else value for value in whole), nan]
    return seconds, heights


def _starts(steps: Sequence[Step]) -> list[float]:
    starts = [0.0]
    for step in steps:
        starts.append(starts[-1] + step.seconds)
    return starts


def _separate(axes: Axes, steps: Sequence[Step]) -> None:
    starts = _starts(steps)
    for start in starts[1:-1]:
        axes.axvline(start, color=GRID, linewidth=1.6)
    axes.grid(visible=False, axis="x")
    axes.set_xlim(0, starts[-1])


def _name(axes: Axes, steps: Sequence[Step], width: float) -> None:
    """Write the rates below their steps, as many as there is room for."""
    starts = _starts(steps)
    names: dict[float, str] = {}
    last = -1.0
    for start, step in zip(starts, steps, strict=False):
        middle = start + step.seconds / 2
        if middle / starts[-1] - last >= width:
            last = middle / starts[-1]
            names[middle] = f"{step.rate:,g}"
    axes.set_xticks([*names], [*names.values()])
    axes.tick_params(axis="x", length=0)
