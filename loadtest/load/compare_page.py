"""Two runs side by side as an HTML page."""

from collections.abc import Sequence
from pathlib import Path

from loadtest import whole_file
from loadtest.load import compare_view, view
from loadtest.load.compare import Pair, pairs
from loadtest.load.pictures import before_after, distribution
from loadtest.load.pictures.before_after import AFTER, BEFORE
from loadtest.load.pictures.distribution import Distribution
from loadtest.load.report import LoadReport
from loadtest.page.layout import Callout, Part, Section, page


def save(before: LoadReport, after: LoadReport, path: Path) -> None:
    """Write the self-contained HTML page of two runs that asked for the same. Raises LoadTestError."""
    whole_file.write(html(before, after), path)


def html(before: LoadReport, after: LoadReport) -> str:
    """Return the page."""
    said = [*compare_view.sentences(before, after)]
    sections = [
        Section("", [Callout("plain", said[0], said[1:])]) if said else None,
        Section("Latency over throughput", [before_after.picture(before, after)]),
        _percentiles(pairs(before, after)),
        Section("Figures", [*compare_view.grids(before, after), compare_view.NOTES]),
        Section("Before", [view.notes(before)]),
        Section("After", [view.notes(after)]),
    ]
    title = f"Load on {after.target.what}, before and after"
    return page(title, f"{_run(before)}, and {_run(after)}", [each for each in sections if each is not None])


def _run(report: LoadReport) -> str:
    return f"{report.target.url}, {report.facts.created[:16].replace('T', ' ')}"


def _percentiles(both: Sequence[Pair]) -> Section | None:
    """Show the lowest, a middle and the highest rate that both runs tried."""
    answered = [each for each in both if view.len_answered(each.before) and view.len_answered(each.after)]
    if not answered:
        return None
    last = len(answered) - 1
    parts: list[Part] = []
    for place in sorted({0, (last + 1) // 2, last}):
        each = answered[place]
        curves = [
            Distribution("before", BEFORE, each.before.histogram),
            Distribution("after", AFTER, each.after.histogram),
        ]
        rate = f"{each.after.rate:,g} requests/s"
        parts += [f"At {rate}:", distribution.picture(curves, [], f"Latency over the percentile at {rate}")]
    return Section("Percentiles", parts)
