"""Two runs side by side on the terminal."""

from collections.abc import Iterator

from loadtest.load.compare import Pair, capacity, differences, limited_by_driver, pairs
from loadtest.load.noise import Ratio
from loadtest.load.report import LoadReport, Step
from loadtest.table import Grid, Row
from loadtest.wording import milliseconds

NOTES = (
    "x: how many times as long, by the means of the seconds' values; in brackets what 95 % of 2,000 draws of those "
    "seconds (bootstrap) say. Noise within a run is in it, that from one start of the service to the next is not."
)
_NONE = "-"


def grids(before: LoadReport, after: LoadReport) -> Iterator[Grid]:
    """Return the figures of the rates that both runs tried, and what else differs."""
    if both := pairs(before, after):
        head = ("", "requests/s", "p50 ms", "p90 ms", "p99 ms", "errors", "refused", "p50 x", "p99 x")
        yield Grid(_title(before, after), head, [_rows(each) for each in both], words=1)
    if facts := differences(before, after):
        yield Grid("What else differs", ("", "before", "after"), [[tuple(each) for each in facts]], words=3)


def _title(before: LoadReport, after: LoadReport) -> str:
    return f"{after.target.what}: {before.facts.created[:16]} and {after.facts.created[:16]}"


def _rows(pair: Pair) -> list[Row]:
    return [
        ("before", *_cells(pair.before), "", ""),
        ("after", *_cells(pair.after), _ratio(pair.p50), _ratio(pair.p99)),
    ]


def _cells(step: Step) -> Row:
    latencies = (_NONE if each is None else milliseconds(each) for each in (step.p50_ms, step.p90_ms, step.p99_ms))
    return (f"{step.rate:,g}", *latencies, f"{step.errors:.2%}", f"{step.refused:.2%}")


def _ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return _NONE
    verdict = ("slower" if ratio.value > 1 else "faster") if ratio.real else "noise"
    return f"{ratio.value:.2f} ({ratio.low:.2f}-{ratio.high:.2f}) {verdict}"


def sentences(before: LoadReport, after: LoadReport) -> Iterator[str]:
    """Return what the two runs say, in plain words."""
    if before.target.url != after.target.url or before.target.protocol != after.target.protocol:
        yield (
            f"Two different targets: {before.target.url} ({before.target.protocol}) "
            f"and {after.target.url} ({after.target.protocol})."
        )
    yield from _limits(before, after)
    both = pairs(before, after)
    if not both:
        yield "No rate was tried in both runs (what the driver doubts does not count)."
    elif not any(each.p99 is not None and each.p99.real for each in both):
        yield "No p99 differs by more than noise."


def _limits(before: LoadReport, after: LoadReport) -> Iterator[str]:
    held, holds = capacity(before), capacity(after)
    if held is None and holds is None:
        return
    if before.slo != after.slo:
        yield f"Their limits cannot be compared: {before.slo or 'no SLO'} and {after.slo or 'no SLO'}."
        return
    if limited_by_driver(before) or limited_by_driver(after):
        yield "Their limits cannot be compared: the driver, not the service, was the limit."
        return
    texts = ("none" if each is None else f"{each:,g}/s" for each in (held, holds))
    change = f" ({holds / held - 1:+.0%})" if held and holds else ""
    yield f"Highest rate that meets {after.slo}: {' before, '.join(texts)} after{change}."
