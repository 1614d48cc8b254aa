"""Two runs side by side: what differs about them, and rate by rate whether that is more than noise."""

from collections.abc import Iterator
from typing import NamedTuple

from loadtest.environment import Revision
from loadtest.errors import LoadTestError
from loadtest.load.noise import Ratio, ratio
from loadtest.load.report import LoadReport, Step

_ALIKE = 0.01  # rates that differ by less are the same rate
_MORE_ERRORS = 0.01  # share of the requests


class Pair(NamedTuple):
    """A rate that both runs tried, and the ratios of their latencies; None where there are too few seconds."""

    before: Step
    after: Step
    p50: Ratio | None
    p99: Ratio | None


class Difference(NamedTuple):
    """A fact that is not the same for both runs."""

    what: str
    before: str
    after: str


def check_comparable(before: LoadReport, after: LoadReport) -> None:
    """Raise LoadTestError where two runs asked for different things."""
    asked = [(each.target.what, each.target.batch) for each in (before, after)]
    if asked[0] != asked[1]:
        texts = (f"{what} with {batch} in a request" for what, batch in asked)
        raise LoadTestError(f"two different loads: {' and '.join(texts)}", "compare runs that asked for the same")


def differences(before: LoadReport, after: LoadReport) -> list[Difference]:
    """Return what else than the figures differs."""
    known, others = _facts(before), _facts(after)
    names = [*known, *(name for name in others if name not in known)]
    pairs = (Difference(name, known.get(name, ""), others.get(name, "")) for name in names)
    return [each for each in pairs if each.before != each.after]


def _facts(report: LoadReport) -> dict[str, str]:
    hardware = report.facts.hardware
    return {
        "address": report.target.url,
        "protocol": report.target.protocol,
        "arrivals": report.arrivals,
        "processes": str(report.processes),
        "SLO": report.slo,
        "seconds of a step": ", ".join(sorted({f"{each.seconds:g}" for each in report.steps})),
        "machine of the driver": f"{hardware.cores} cores, {hardware.cpu}",
        "load before the run": f"{hardware.load_average:g}",
        "system": hardware.system,
        "revision": _revision(report.facts.revision),
        **report.facts.versions,
    }


def _revision(revision: Revision | None) -> str:
    if revision is None:
        return ""
    return revision.commit[:7] + (" with changes" if revision.modified else "")


def pairs(before: LoadReport, after: LoadReport) -> list[Pair]:
    """Return the rates that both runs tried, lowest first; where one was tried again, the first attempts."""
    first, second = _attempts(before), _attempts(after)
    return [_pair(one, other) for one in first for other in second if abs(other.rate / one.rate - 1) < _ALIKE]


def _attempts(report: LoadReport) -> list[Step]:
    found: dict[float, Step] = {}
    for each in report.steps:
        if not each.doubts:
            found.setdefault(each.rate, each)
    return sorted(found.values(), key=lambda step: step.rate)


def _pair(before: Step, after: Step) -> Pair:
    p50 = ratio(before.line.p50_ms, after.line.p50_ms)
    return Pair(before, after, p50, ratio(before.line.p99_ms, after.line.p99_ms))


def capacity(report: LoadReport) -> float | None:
    """Return the highest rate that held, None where none was looked for or found."""
    return None if report.best is None else report.steps[report.best].rate


def limited_by_driver(report: LoadReport) -> bool:
    """Whether the service may bear more than the highest rate that held."""
    return report.above is not None and bool(report.above.doubts)


def worse(before: LoadReport, after: LoadReport, share: float) -> list[str]:
    """Return what became worse by more than a share, and more than noise, as sentences."""
    return [*_lower(before, after, share), *_slower(pairs(before, after), share)]


def _lower(before: LoadReport, after: LoadReport, share: float) -> Iterator[str]:
    held, holds = capacity(before), capacity(after)
    if held is None or before.slo != after.slo or limited_by_driver(after):
        return
    if holds is None:
        yield f"no rate meets {after.slo} any more (before: {held:,g}/s)"
    elif holds < held * (1 - share):
        yield f"the highest rate that meets {after.slo} is {1 - holds / held:.0%} lower"


def _slower(both: list[Pair], share: float) -> Iterator[str]:
    for each in both:
        at = f"at {each.after.rate:,g}/s"
        if each.p99 is not None and each.p99.real and each.p99.value > 1 + share:
            yield f"{at} the p99 is {each.p99.value - 1:.0%} longer"
        if each.after.errors + each.after.refused > each.before.errors + each.before.refused + _MORE_ERRORS:
            yield f"{at} more requests fail or are refused"
