"""The sections of a load report's page; None where a run has nothing to show in one."""

from loadtest.load import view
from loadtest.load.pictures import curve, distribution, over_time, stages, throughput
from loadtest.load.pictures.distribution import Distribution
from loadtest.load.pictures.limits import limits
from loadtest.load.pictures.steps import counted, telling
from loadtest.load.report import LoadReport, Step
from loadtest.page import provenance
from loadtest.page.colours import GOOD, RAMP
from loadtest.page.layout import Details, Section
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds

_FEWEST = 2  # rates, below which there is no curve
_ANSWERED = "200"


def over_rate(report: LoadReport) -> Section | None:
    """Show the latency-throughput curve."""
    if len(counted(report)) < _FEWEST:
        return None
    text = "Latency counts from when a request was due, so that one which had to wait in the driver is not flattered."
    return Section("Latency over throughput", [text, curve.picture(report)])


def answered(report: LoadReport) -> Section | None:
    """Show what was answered of what was asked for."""
    if len(counted(report)) < _FEWEST:
        return None
    return Section(
        "Throughput",
        ["Below the dashed line, requests were refused, failed or not answered in time.", throughput.picture(report)],
    )


def each_second(report: LoadReport) -> Section | None:
    """Show each second of the run."""
    if not any(len(step.line.offered) > 1 for step in report.steps):
        return None
    text = "Percentiles of what was due within one second; a line that climbs within a step is a growing queue."
    return Section("Second by second", [text, over_time.picture(report)])


def percentiles(report: LoadReport) -> Section | None:
    """Show the percentiles of the steps that tell most."""
    steps = [step for step in telling(report, len(RAMP)) if view.len_answered(step)]
    if not steps:
        return None
    best = None if report.best is None else report.steps[report.best].rate
    curves = [
        Distribution(f"{step.rate:,g}/s", GOOD if step.rate == best else _ramp(place, len(steps)), step.histogram)
        for place, step in enumerate(steps)
    ]
    text = "How slow the slowest are: each next 9 takes as much room as the one before it."
    return Section("Percentiles", [text, distribution.picture(curves, limits(report), "Latency over the percentile")])


def _ramp(place: int, count: int) -> str:
    """Return a colour, the darker the higher the rate."""
    last = len(RAMP) - 1
    return RAMP[round(place * last / (count - 1)) if count > 1 else last]


def time_spent(report: LoadReport) -> Section | None:
    """Show what replies told about where the time went."""
    steps = [step for step in counted(report) if stages.names([step])]
    if not steps:
        return None
    rows = [_stage_rows(step) for step in steps]
    grid = Grid("", ("requests/s", "stage", "p50 ms", "p90 ms", "p99 ms", "max ms"), rows, words=2)
    return Section("Where the time goes", [stages.picture(report), Details("All figures", [grid])])


def _stage_rows(step: Step) -> list[Row]:
    return [
        (
            f"{step.rate:,g}" if place == 0 else "",
            each.stage,
            *map(milliseconds, (each.p50_ms, each.p90_ms, each.p99_ms, each.max_ms)),
        )
        for place, each in enumerate(step.stages)
    ]


def statuses(report: LoadReport) -> Section:
    """Count what was not answered."""
    names = sorted({name for step in report.steps for name in step.statuses} - {_ANSWERED})
    if not names:
        return Section("Refusals and errors", ["Every request was answered."])
    rows: list[Row] = [
        (
            f"{step.rate:,g}",
            *(f"{step.statuses.get(name, 0):,}" for name in (_ANSWERED, *names)),
            f"{step.refused:.2%}",
            f"{step.errors:.2%}",
        )
        for step in report.steps
    ]
    text = "429 and 503 tell the client to come again later: they are refusals, all others are errors."
    return Section(
        "Refusals and errors", [text, Grid("", ("requests/s", _ANSWERED, *names, "refused", "errors"), [rows], words=1)]
    )


def steps(report: LoadReport) -> Section:
    """List all steps."""
    return Section("All steps", [view.grid(report)])


def facts(report: LoadReport) -> Section:
    """Say where and how the figures were made."""
    driver = f"The driver's busiest process used {report.driver_busy:.0%} of a core in the last step."
    return provenance.section(report.facts, [view.notes(report), driver])
