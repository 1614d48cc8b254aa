"""The times that a service tells in its replies (https://www.w3.org/TR/server-timing/)."""

import re
from array import array
from collections.abc import Sequence
from math import nan

import numpy as np

from loadtest.openloop.outcome import Stages

_DURATION = re.compile(rb"([\w-]+)[^,]*?;\s*dur=([\d.]+)")


def stages(values: Sequence[bytes | None]) -> Stages:
    """Return the durations by name from the header values of all replies, None standing for a reply without one."""
    found: dict[bytes, array[float]] = {}
    for place, value in enumerate(values):
        if value:
            for name, duration in _DURATION.findall(value):
                if name not in found:
                    found[name] = array("f", [nan]) * len(values)
                found[name][place] = float(duration)
    return {name.decode(): np.frombuffer(column, np.float32) for name, column in found.items()}
