"""The report as a table: for the terminal, and in Markdown for the README."""

from typing import NamedTuple

from rich.table import Table

from loadtest.figures import HTTP, MANY, PEER
from loadtest.report import GROUPS, Measured, Report

_NUMBERS = ("questions/s", "p50 ms", "p99 ms", "of the limit", "x peer")
# What the gateway is built to reach: a multiple of the peer's throughput, and milliseconds for a lone question.
GOAL_OF_PEER = 2.5
GOAL_P99_MS = 5.0
_IDLE_LOAD = 0.5


class Row(NamedTuple):
    """One figure as text; the group is given in its first row only."""

    group: str
    setting: str
    questions_per_s: str
    p50_ms: str
    p99_ms: str
    of_limit: str
    of_peer: str


def rows(report: Report) -> list[list[Row]]:
    """Return the rows of each group."""
    groups = [[each for each in report.figures if each.group == group] for group in GROUPS]
    return [[_row(report, figure, first=figure is group[0]) for figure in group] for group in groups]


def _row(report: Report, figure: Measured, *, first: bool) -> Row:
    return Row(
        figure.group if first else "",
        figure.setting,
        f"{figure.questions_per_s:,.0f}",
        f"{figure.p50_ms:.2f}",
        f"{figure.p99_ms:.2f}",
        f"{report.of_limit(figure):.1%}",
        f"{report.of_peer(figure):.2f}",
    )


def terminal(report: Report) -> Table:
    """Return the table for a terminal."""
    table = Table(title=f"FAQ matching, {report.model.entries} entries", caption=notes(report), caption_justify="left")
    table.add_column("service")
    table.add_column("load")
    for name in _NUMBERS:
        table.add_column(name, justify="right")
    for group in rows(report):
        for row in group:
            table.add_row(*row, end_section=row is group[-1])
    return table


def markdown(report: Report) -> str:
    """Return the table in Markdown, with what a reader needs to judge it."""
    head = ["| service | load | " + " | ".join(_NUMBERS) + " |", "|---|---|" + "---:|" * len(_NUMBERS)]
    lines = [f"| {' | '.join(row)} |" for group in rows(report) for row in group]
    return "\n".join([*head, *lines, "", notes(report), ""])


def notes(report: Report) -> str:
    """Return where and how the figures were made, as sentences."""
    hardware, settings, names = report.hardware, report.settings, report.versions
    rounds = "one round" if settings.rounds == 1 else f"medians of {settings.rounds} interleaved rounds"
    busy = f" The machine was busy before the run (load {hardware.load_average})." if _busy(report) else ""
    return (
        f"{hardware.cores} cores ({hardware.cpu}, {hardware.memory_gib:g} GiB), shared by services and load generator; "
        f"{rounds} of {settings.seconds:g} s; "
        f"{settings.questions:,} different questions, {settings.top_k} matches each. "
        f"Python {names['python']}, Triton {names['triton']}, ONNX Runtime {names['onnxruntime']}; "
        f"{report.created[:10]}, revision {_revision(report)}. "
        f"The limit: {report.limit.setting} in process, canonical text in, ids and probabilities out.{busy}"
    )


def goals(report: Report) -> list[str]:
    """Return a sentence for each goal: met or missed, and by how much."""
    ratio = report.of_peer(report.find(HTTP, MANY))
    p99 = report.find(HTTP, 1).p99_ms
    throughput = f"{HTTP}, {MANY} connections: {ratio:.2f} x {PEER} (goal: at least {GOAL_OF_PEER:g} x)"
    latency = f"{HTTP}, 1 connection: p99 {p99:.2f} ms (goal: under {GOAL_P99_MS:g} ms)"
    return [
        f"{_verdict(met=ratio >= GOAL_OF_PEER)}: {throughput}",
        f"{_verdict(met=p99 < GOAL_P99_MS)}: {latency}",
    ]


def _verdict(*, met: bool) -> str:
    return "met" if met else "MISSED"


def _busy(report: Report) -> bool:
    return report.hardware.load_average > _IDLE_LOAD


def _revision(report: Report) -> str:
    if report.revision is None:
        return "unknown"
    return report.revision.commit[:7] + (" with changes" if report.revision.modified else "")
