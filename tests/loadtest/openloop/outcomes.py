"""Outcomes made to order."""

import numpy as np

from loadtest.openloop.outcome import Outcome


def outcome(*rows: tuple[float, float, int], lag: float = 0.0, waited: int = 0, busy: float = 0.1) -> Outcome:
    """Return what became of requests, each with its due time, its latency (seconds) and its status."""
    due, latency, status = (np.array(column) for column in zip(*rows, strict=True))
    flags = np.arange(len(rows)) < waited
    return Outcome(due, np.full(len(rows), lag), latency, status.astype(np.int16), flags, busy)
