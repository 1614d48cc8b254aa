"""Examples of what a histogram has counted: the trace of the last recorded request in each bucket."""

from bisect import bisect_left
from collections.abc import Iterable
from time import time
from typing import NamedTuple

from gateway.telemetry.series import Family, Key
from gateway.telemetry.trace import Trace


class Exemplar(NamedTuple):
    """One request: its trace, its value, and when it ended, in seconds since the epoch."""

    trace_id: str
    value: float
    at: float


Exemplars = dict[Key, dict[int, Exemplar]]  # by labels, then by bucket


def keep(exemplars: Exemplars, family: Family, key: Key, value: float, trace: Trace) -> None:
    """Remember a request as the example of its bucket."""
    bucket = bisect_left(family.bounds, value)
    exemplars.setdefault(key, {})[bucket] = Exemplar(trace.trace_id.hex(), value, time())


def latest(parts: Iterable[Exemplars]) -> Exemplars:
    """Return the latest example of each bucket that several processes know."""
    found: Exemplars = {}
    for part in parts:
        for key, buckets in part.items():
            known = found.setdefault(key, {})
            for bucket, exemplar in buckets.items():
                if bucket not in known or known[bucket].at < exemplar.at:
                    known[bucket] = exemplar
    return found
