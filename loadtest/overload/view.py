"""An overload report as tables and as a picture."""

from pathlib import Path

from loadtest.openloop.picture import FAILED, GOOD, OFFERED, REFUSED, SLOW, Bound, Curve, Mark, Panel, save
from loadtest.openloop.summary import Summary
from loadtest.overload.report import REFUSED_MS, SLOWER, TIMES, OverloadReport
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds, per_second

_HEAD = ("load", "offered/s", "answered/s", "refused/s", "failed", "p50 ms", "p99 ms", "refused p99 ms")


def grids(report: OverloadReport) -> list[Grid]:
    """Return the table of the three phases."""
    seconds = report.course.until - report.course.since
    rows = [
        _row(f"{_percent(report.normal, report)} of the peak", report.normal),
        _row(f"{TIMES:g} times the peak, {seconds:g} s", report.overload),
        _row("afterwards", report.after),
    ]
    return [Grid(f"{report.title}; peak {_rate(report)}", _HEAD, [rows], words=1)]


def _rate(report: OverloadReport) -> str:
    items = f" with {report.batch} {report.unit} each" if report.batch > 1 else ""
    return f"{per_second(report.peak_per_s)} requests/s{items}"


def _percent(normal: Summary, report: OverloadReport) -> str:
    return f"{normal.offered_per_s / report.peak_per_s:.0%}"


def _row(name: str, part: Summary) -> Row:
    rates = (per_second(each) for each in (part.offered_per_s, part.answered_per_s, part.refused_per_s))
    latencies = (_optional(each) for each in (part.p50_ms, part.p99_ms, part.refused_p99_ms))
    return (name, *rates, f"{part.failed:,}", *latencies)


def _optional(value: float | None) -> str:
    return "" if value is None else milliseconds(value)


def notes(report: OverloadReport) -> str:
    """Return where and how the run was made, as sentences."""
    how = "shared by services and load generator; Poisson arrivals, latencies from when a request was due"
    sentences = report.facts.sentences(how)
    recovery = "never" if report.recovery_s is None else f"{report.recovery_s:.1f} s after the overload"
    sizes = report.memory.rss_mb
    sentences.append(f"p50 was normal again {recovery}; the gateway took {sizes[0]:.0f} MB at the start,")
    sentences.append(f"{max(sizes):.0f} MB at most, {sizes[-1]:.0f} MB at the end.")
    sentences += [f"NOT VALID: {doubt}; the driver was a limit." for doubt in report.doubts]
    return " ".join(sentences)


def draw(report: OverloadReport, path: Path) -> None:
    """Write a PNG of the run over time."""
    machine = f"{report.facts.hardware.cores} cores ({report.facts.hardware.cpu}) for everything"
    mark = Mark(f"{TIMES:g} times the peak", report.course.since, report.course.until)
    panels = [panel._replace(marks=[mark]) for panel in _panels(report)]
    save(f"{report.title}: {TIMES:g} times what can be done; {machine}", panels, path)


def _panels(report: OverloadReport) -> list[Panel]:
    line = report.line
    times = [second + 0.5 for second in range(len(line.offered))]
    limit = (report.normal.p99_ms or 0) * SLOWER
    return [
        Panel("requests per second", [
            Curve("offered", OFFERED, times, line.offered), Curve("answered", GOOD, times, line.answered),
            Curve("refused", REFUSED, times, line.refused), Curve("failed", FAILED, times, line.failed),
        ], [Bound("peak", report.peak_per_s)]),
        Panel("milliseconds until an accepted request is answered", [
            Curve("p50", GOOD, times, line.p50_ms), Curve("p99", SLOW, times, line.p99_ms),
        ], [Bound(f"{SLOWER:g} x normal p99", limit)]),
        Panel("milliseconds until a refusal", [Curve("p99", REFUSED, times, line.refused_p99_ms)],
              [Bound(f"{REFUSED_MS:g} ms", REFUSED_MS)]),
        Panel("memory of the gateway, MB", [Curve("resident", GOOD, report.memory.times, report.memory.rss_mb)]),
    ]  # fmt: skip
