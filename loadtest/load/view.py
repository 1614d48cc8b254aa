"""A load run on the terminal: a line for each step, and the table at the end."""

from collections import Counter

from loadtest.load.report import LoadReport, Step
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds

_HEAD = ("requests/s", "answered/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "errors", "refused")
_WIDTHS = (10, 10, 8, 8, 8, 8, 8, 8)
_FEW = 100  # answers, below which the p99 is the slowest of them
_NONE = "-"
_ANSWERED = "200"


def head() -> str:
    """Return what stands above the lines."""
    return _spread(_HEAD)


def line(step: Step) -> str:
    """Return a step as a line."""
    return f"{_spread(_cells(step))}  {verdict(step)}"


def grid(report: LoadReport) -> Grid:
    """Return all steps as a table, the lowest rate first."""
    steps = sorted(report.steps, key=lambda each: each.rate)
    rows: list[Row] = [(verdict(each), *_cells(each)) for each in steps]
    return Grid(_title(report), ("verdict", *_HEAD), [rows], words=1)


def verdict(step: Step) -> str:
    """Say in a few words what became of a step."""
    if step.objectives and not step.holds:
        missed = ", ".join(each.text for each in step.objectives if not each.met)
        return "driver is the limit" if step.doubts else f"misses {missed}"
    return ("holds" if step.objectives else "measured") + (" (doubtful)" if step.doubts else "")


def notes(report: LoadReport) -> str:
    """Return where and how the figures were made."""
    each = f"each rate for {report.steps[0].seconds:g} s"
    processes = "one process" if report.processes == 1 else f"{report.processes} processes"
    sentences = report.facts.sentences(f"the load generator: {report.arrivals} arrivals, {each}, from {processes}")
    sentences.append("Latencies count from when a request was due.")
    if failed := _unanswered(report):
        sentences.append(f"Not answered, of all rates: {failed}.")
    if any(len_answered(step) < _FEW for step in report.steps):
        sentences.append(f"A p99 of fewer than {_FEW} answers is the slowest of them.")
    return " ".join(sentences)


def len_answered(step: Step) -> int:
    """Return how many requests of a step were answered."""
    return step.statuses.get(_ANSWERED, 0)


def _unanswered(report: LoadReport) -> str:
    counts: Counter[str] = Counter()
    for step in report.steps:
        counts.update(step.statuses)
    return ", ".join(f"{status} ({count:,})" for status, count in counts.items() if status != _ANSWERED)


def _title(report: LoadReport) -> str:
    target = report.target
    batch = "" if target.batch == 1 else f", {target.batch} in a request"
    return f"{target.what}{batch}, {target.url}, {target.protocol}"


def _cells(step: Step) -> Row:
    latencies = (step.p50_ms, step.p90_ms, step.p99_ms, step.max_ms)
    shown = (_NONE if value is None else milliseconds(value) for value in latencies)
    return (f"{step.rate:,g}", f"{step.answered_per_s:,.1f}", *shown, f"{step.errors:.2%}", f"{step.refused:.2%}")


def _spread(cells: Row) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, _WIDTHS, strict=True))
