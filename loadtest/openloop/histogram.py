"""Latencies as an HDR histogram, in the form that other tools read and add up: V2, compressed, base64."""

import numpy as np
from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]

from loadtest.openloop.schedule import Seconds

_LONGEST, _DIGITS = 3_600_000_000, 3  # microseconds in an hour


def encoded(latencies_s: Seconds) -> str:
    """Return a histogram of microseconds with three digits; what takes longer than an hour counts as an hour."""
    found = HdrHistogram(1, _LONGEST, _DIGITS)
    values, counts = np.unique(np.clip(np.rint(latencies_s * 1e6), 0, _LONGEST), return_counts=True)
    for value, count in zip(values.astype(np.int64).tolist(), counts.tolist(), strict=True):
        found.record_value(value, count)
    text: bytes = found.encode()
    return text.decode()


def decoded(text: str) -> HdrHistogram:
    """Return the histogram (microseconds) that a text holds."""
    return HdrHistogram.decode(text)
