"""How long a run may take, and how long its parts: as long as figures need to be steady, and the time allows."""

import re
from time import monotonic
from typing import NamedTuple

from loadtest.errors import LoadTestError

FULL = 480.0  # seconds
_UNITS = {"s": 1, "m": 60, "h": 3600}
_LIMITS = 10  # so many times the latency limit, or a queue that grows would go unseen


class Lengths(NamedTuple):
    """Least seconds of a burst, of a step of the search, and of one of the finals."""

    burst: float
    search: float
    final: float


# Requests that a run of each kind should have: what p99 is read from.
_REQUESTS = Lengths(60, 200, 400)
_FULL = Lengths(1.2, 1.5, 4.0)
_MOST = Lengths(4.0, 6.0, 10.0)
_SHORTEST = 0.3


class Budget:
    """The time of a run, from now on; `limit_ms` is the longest latency that is allowed."""

    def __init__(self, seconds: float, limit_ms: float | None) -> None:
        self._end = monotonic() + seconds
        self._seconds = seconds
        scale = min(1.0, seconds / FULL)
        least = _LIMITS * (limit_ms or 0.0) / 1e3
        burst, search, final = (max(each * scale, _SHORTEST) for each in _FULL)
        self._least = Lengths(burst, max(search, least), max(final, least))
        self._most = Lengths(*(max(most * scale, low) for most, low in zip(_MOST, self._least, strict=True)))

    def lengths(self, requests_per_s: float) -> Lengths:
        """Return how long runs of so many requests/s last."""
        wanted = (count / max(requests_per_s, 0.1) for count in _REQUESTS)
        rows = zip(self._least, wanted, self._most, strict=True)
        return Lengths(*(min(max(low, length), high) for low, length, high in rows))

    @property
    def left(self) -> float:
        """Seconds until the end, below 0 after it."""
        return self._end - monotonic()

    def within(self, share: float) -> bool:
        """Tell whether less than a share of the time is over."""
        return self._seconds - self.left < share * self._seconds


def seconds(text: str) -> float:
    """Return the time in a text such as 8m, 90s or 1h. Raises LoadTestError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text)
    if found is None or not float(found[1]):
        raise LoadTestError(f"--budget {text}: expected a time", "write for instance --budget 8m or --budget 90s")
    return float(found[1]) * _UNITS[found[2]]
