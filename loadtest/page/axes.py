"""Axes that read well: numbers as people write them, logarithmic ticks at 1, 2 and 5, a legend that covers nothing."""

from collections.abc import Iterable
from math import isfinite, log10

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

_DENSE = 3.0  # decades, up to which there is room for ticks at 2 and 5


def number(value: float) -> str:
    """Return a tick's number: 0.5, 20, 3,000."""
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.4g}"


def plain(axis: Axis) -> None:
    """Write an axis' numbers without offsets and exponents."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def logarithmic(axes: Axes, values: Iterable[float | None]) -> None:
    """Make the y axis logarithmic, so that all values above 0 are in it, with a little room."""
    shown = [value for value in values if value is not None and isfinite(value) and value > 0] or [1.0]
    low, high = min(shown) / 1.2, max(shown) * 1.3
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    subs = (1, 2, 5) if log10(high / low) <= _DENSE else (1,)
    axes.yaxis.set_major_locator(LogLocator(10, subs=subs, numticks=20))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    plain(axes.yaxis)


def legend(axes: Axes, columns: int) -> None:
    """Name what is drawn above the axes."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.2, handlelength=1.4, columnspacing=1.4,
        handletextpad=0.5,
    )  # fmt: skip
