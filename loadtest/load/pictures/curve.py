"""Latency over the rate that was asked for, with the limit, the knee, and what was refused or failed."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.load import view
from loadtest.load.pictures.limits import limit, limits
from loadtest.load.pictures.steps import PERCENTILES, counted, latencies, latency
from loadtest.load.report import LoadReport, Step
from loadtest.page.axes import legend, logarithmic, plain
from loadtest.page.colours import BAD, DOUBT, GOOD, PAPER, SOFT
from loadtest.page.picture import Picture, drawn, is_narrow, tip
from loadtest.wording import milliseconds

_HOLLOW = "Hollow points are doubtful: there the driver, not the service, was the limit."


def picture(report: LoadReport) -> Picture:
    """Return the latency-throughput curve."""
    shed = any(step.refused or step.errors for step in report.steps)
    caption = _HOLLOW if any(step.doubts for step in counted(report)) else ""

    def draw(figure: Figure) -> None:
        if shed:
            upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
            _shares(lower, counted(report))
        else:
            upper = lower = figure.subplots()
        _curve(upper, report, columns=2 if is_narrow(figure) else 6)
        lower.set_xlabel("requests/s asked for")
        plain(lower.xaxis)

    return drawn(draw, "Latency over the rate of requests", 4.6 if shed else 3.8, caption=caption)


def _curve(axes: Axes, report: LoadReport, columns: int) -> None:
    steps = counted(report)
    rates = [step.rate for step in steps]
    for name, colour in PERCENTILES:
        axes.plot(rates, [latency(step, name) for step in steps], color=colour, label=name)
        for step in steps:
            _point(axes, step, name, colour)
    limit(axes, limits(report))
    _mark(axes, report)
    logarithmic(axes, [*latencies(steps), *(each.limit for each in limits(report))])
    axes.set_xlim(0, max(rates) * 1.04)
    axes.set_ylabel("ms")
    legend(axes, columns)


def _point(axes: Axes, step: Step, name: str, colour: str) -> None:
    value = latency(step, name)
    filled = PAPER if step.doubts else colour
    (point,) = axes.plot([step.rate], [value], "o", color=colour, markersize=5, markerfacecolor=filled)
    tip(point, f"{step.rate:,g} requests/s: {name} {milliseconds(value)} ms, {view.verdict(step)}")


def _mark(axes: Axes, report: LoadReport) -> None:
    if report.best is not None:
        rate = report.steps[report.best].rate
        axes.axvline(rate, color=GOOD, linewidth=1.4, label=f"holds up to {rate:,g}/s")
    if report.knee is not None:
        rate = report.steps[report.knee].rate
        axes.axvline(rate, color=SOFT, linewidth=1.4, linestyle=":", label=f"knee at {rate:,g}/s")


def _shares(axes: Axes, steps: list[Step]) -> None:
    rates = [step.rate for step in steps]
    refused = [step.refused * 100 for step in steps]
    failed = [step.errors * 100 for step in steps]
    axes.stackplot(rates, refused, failed, colors=[DOUBT, BAD], labels=["refused", "failed"], alpha=0.85, linewidth=0)
    axes.set_ylabel("% of requests")
    axes.set_ylim(0, max(1, *(sum(both) for both in zip(refused, failed, strict=True))) * 1.1)
    plain(axes.yaxis)
    legend(axes, 2)
