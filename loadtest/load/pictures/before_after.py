"""Two runs' latencies over the rate that was asked for."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.load.pictures.limits import limit, limits
from loadtest.load.pictures.steps import counted, latency
from loadtest.load.report import LoadReport, Step
from loadtest.page.axes import legend, logarithmic, plain
from loadtest.page.colours import PAPER, SERIES
from loadtest.page.picture import Picture, drawn, is_narrow, tip
from loadtest.wording import milliseconds

BEFORE, AFTER = SERIES[1], SERIES[0]
_STYLES = {"p99": "-", "p50": ":"}


def picture(before: LoadReport, after: LoadReport) -> Picture:
    """Return p50 and p99 of both runs."""
    runs = (("before", BEFORE, counted(before)), ("after", AFTER, counted(after)))
    kept = limits(after) if before.slo == after.slo else []

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for name, colour, steps in runs:
            _curves(axes, name, colour, steps)
        limit(axes, kept)
        heights = [latency(step, name) for _, _, steps in runs for step in steps for name in _STYLES]
        logarithmic(axes, [*heights, *(each.limit for each in kept)])
        axes.set_xlim(left=0)
        axes.set_xlabel("requests/s asked for")
        axes.set_ylabel("ms")
        plain(axes.xaxis)
        legend(axes, 2 if is_narrow(figure) else 5)

    return drawn(draw, "Latency over the rate of requests, before and after", 3.6)


def _curves(axes: Axes, name: str, colour: str, steps: Sequence[Step]) -> None:
    rates = [step.rate for step in steps]
    for percentile, style in _STYLES.items():
        heights = [latency(step, percentile) for step in steps]
        axes.plot(rates, heights, style, color=colour, label=f"{percentile} {name}")
        for step, height in zip(steps, heights, strict=True):
            filled = PAPER if step.doubts else colour
            (point,) = axes.plot([step.rate], [height], "o", color=colour, markersize=4.5, markerfacecolor=filled)
            tip(point, f"{name}, {step.rate:,g} requests/s: {percentile} {milliseconds(height)} ms")
