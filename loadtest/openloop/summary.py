"""An open-loop run in figures: in total, second by second, and how soon all is well again after a disturbance."""

from collections import Counter
from math import ceil
from typing import NamedTuple

import msgspec
import numpy as np

from loadtest.openloop.outcome import CLOSED, LATE, Chosen, Outcome
from loadtest.openloop.schedule import Seconds

_NAMES = {CLOSED: "connection refused or closed", LATE: "no reply"}
_WINDOW, _STEP = 1.0, 0.1  # seconds


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a run; rates per second, latencies in milliseconds, None where there was no such request.

    Latencies are those of the requests that were due in it: `p50_ms` to `max_ms` of all that were not refused, whatever
    became of them, `refused_...` of those that were. `answered_per_s` counts replies that ended in it. Percentiles
    with a default are missing in older reports.
    """

    seconds: float
    offered_per_s: float
    answered_per_s: float
    refused_per_s: float
    statuses: dict[str, int]
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    refused_p50_ms: float | None
    refused_p99_ms: float | None
    refused_max_ms: float | None
    p90_ms: float | None = None
    p95_ms: float | None = None
    p999_ms: float | None = None
    mean_ms: float | None = None

    @property
    def failed(self) -> int:
        """Requests that were neither answered nor refused."""
        return sum(count for status, count in self.statuses.items() if status not in {"200", "429", "503"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A run second by second, counted by the time at which requests were due; milliseconds, or None."""

    offered: list[int]
    answered: list[int]
    refused: list[int]
    failed: list[int]
    p50_ms: list[float | None]
    p99_ms: list[float | None]
    refused_p99_ms: list[float | None]


class _Latencies(NamedTuple):
    accepted: Seconds
    refused: Seconds


def summary(outcome: Outcome, since: float, until: float) -> Summary:
    """Return the figures of a part of a run, in seconds since its start."""
    part = outcome.between(since, until)
    seconds = until - since
    ended = (outcome.ended >= since) & (outcome.ended < until)
    accepted, refused = _latencies(part)
    return Summary(
        seconds=seconds,
        offered_per_s=round(len(part.due) / seconds, 2),
        answered_per_s=round(int(np.sum(ended & outcome.ok)) / seconds, 2),
        refused_per_s=round(len(refused) / seconds, 2),
        statuses=statuses(part),
        p50_ms=milliseconds(accepted, 50),
        p99_ms=milliseconds(accepted, 99),
        max_ms=milliseconds(accepted, 100),
        refused_p50_ms=milliseconds(refused, 50),
        refused_p99_ms=milliseconds(refused, 99),
        refused_max_ms=milliseconds(refused, 100),
        p90_ms=milliseconds(accepted, 90),
        p95_ms=milliseconds(accepted, 95),
        p999_ms=milliseconds(accepted, 99.9),
        mean_ms=round(float(np.mean(accepted)) * 1e3, 2) if len(accepted) else None,
    )


def statuses(outcome: Outcome) -> dict[str, int]:
    """Count the requests by status; those without a reply say why."""
    counts = Counter(outcome.status.tolist())
    return {_NAMES.get(status, str(status)): count for status, count in sorted(counts.items(), reverse=True)}


def line(outcome: Outcome, seconds: float) -> Line:
    """Return the run second by second."""
    parts = [outcome.between(start, start + 1) for start in range(ceil(seconds))]
    latencies = [_latencies(part) for part in parts]
    return Line(
        offered=[len(part.due) for part in parts],
        answered=_counts(outcome, outcome.ok, seconds),
        refused=_counts(outcome, outcome.refused, seconds),
        failed=_counts(outcome, ~(outcome.ok | outcome.refused), seconds),
        p50_ms=[milliseconds(each.accepted, 50) for each in latencies],
        p99_ms=[milliseconds(each.accepted, 99) for each in latencies],
        refused_p99_ms=[milliseconds(each.refused, 99) for each in latencies],
    )


def _counts(outcome: Outcome, chosen: Chosen, seconds: float) -> list[int]:
    found: list[int] = np.histogram(outcome.ended[chosen], np.arange(ceil(seconds) + 1))[0].tolist()
    return found


def normal_again(outcome: Outcome, since: float, limit: float) -> float | None:
    """Return the seconds from `since` on after which the median latency is at most `limit` seconds, None if never.

    It is that of the requests that were due within one second, a refused or failed one taking for ever.
    """
    latencies = np.where(outcome.ok, outcome.latency, np.inf)
    last = float(outcome.due[-1]) - _WINDOW
    for start in np.arange(since, last, _STEP):
        window = latencies[(outcome.due >= start) & (outcome.due < start + _WINDOW)]
        if len(window) and np.median(window) <= limit:
            return round(float(start) - since, 2)
    return None


def milliseconds(latencies: Seconds, percent: float) -> float | None:
    """Return a percentile in milliseconds, None where there are no requests."""
    if not len(latencies):
        return None
    return round(float(np.percentile(latencies, percent, method="inverted_cdf")) * 1e3, 2)


def _latencies(outcome: Outcome) -> _Latencies:
    refused = outcome.refused
    return _Latencies(outcome.latency[~refused], outcome.latency[refused])
