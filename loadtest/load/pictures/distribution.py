"""Latency over the percentile, as HdrHistogram's plots show it: each next 9 takes as much room as the one before."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from loadtest.openloop import histogram
from loadtest.page.axes import legend, logarithmic
from loadtest.page.colours import BAD
from loadtest.page.picture import Picture, drawn, is_narrow
from loadtest.slo import Objective

_PLACES = {"p50": 2, "p90": 10, "p95": 20, "p99": 100, "p99.9": 1000}
_POINTS = 60  # for each 9


class Distribution(NamedTuple):
    """The latencies of answered requests as an encoded HdrHistogram, under a name and in a colour."""

    name: str
    colour: str
    histogram: str


def picture(distributions: Sequence[Distribution], objectives: Sequence[Objective], label: str) -> Picture:
    """Return the percentiles of some histograms over one another, with crosses that they shall stay below."""
    curves = [(each, *_points(each.histogram)) for each in distributions]
    top = max(float(odds[-1]) for _, odds, _ in curves)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for each, odds, milliseconds in curves:
            axes.plot(odds, milliseconds, color=each.colour, label=each.name, linewidth=1.6)
        for limit in objectives:
            if place := _PLACES.get(limit.metric):
                axes.plot([place], [limit.limit], "X", color=BAD, markersize=8, label=limit.text)
        logarithmic(
            axes, [limit.limit for limit in objectives] + [float(each) for _, _, all_ in curves for each in all_]
        )
        _percentiles(axes, top, first=2 if is_narrow(figure) else 1)
        axes.set_ylabel("ms")
        axes.set_xlabel("percentile")
        legend(axes, 2 if is_narrow(figure) else 8)

    return drawn(draw, label, 3.6, tall=1.1)


def _points(encoded: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one in how many requests is slower, and its latency in milliseconds."""
    recorded = [
        (each.value_iterated_to, each.total_count_to_this_value)
        for each in histogram.decoded(encoded).get_recorded_iterator()
    ]
    values, counts = np.array(recorded, dtype=float).T
    nines = np.log10(max(2.0, counts[-1]))
    odds = np.logspace(0, nines, max(2, int(nines * _POINTS)))
    places = np.searchsorted(counts, (1 - 1 / odds) * counts[-1])
    return odds, values[places] / 1e3


def _percentiles(axes: Axes, top: float, first: int) -> None:
    ticks = [*range(first, 3), *(10.0**power for power in range(1, 9) if 10**power <= top * 1.01)]
    axes.set_xscale("log")
    axes.set_xlim(1, top)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda odds, _: f"{100 - 100 / odds:.9g}%"))
