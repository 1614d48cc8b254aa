"""What is counted in this process: plain dictionaries and lists, cheap enough for every request."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

OTHER = "other"
_MOST_SERIES = 2048  # of one family: what comes after them is counted together, so that nobody can fill the memory

Key = tuple[str, ...]
Values = Mapping[Key, Sequence[float]]


class Family(NamedTuple):
    """A metric: its name, what it says, its labels, and its buckets' upper bounds if it is a histogram."""

    name: str
    text: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...] = ()


class Series:
    """The values of one family, by label values.

    A counter is a list of one number. A histogram is a list of counts, one for each bucket and one for what is above
    all bounds, with the sum behind them.
    """

    def __init__(self, family: Family, most: int = _MOST_SERIES) -> None:
        self.values: dict[Key, list[float]] = {}
        self._size = len(family.bounds) + 2 if family.bounds else 1
        self._most = most

    def of(self, key: Key) -> list[float]:
        """Return the values for these labels, those of "other" when there are too many already."""
        values = self.values.get(key)
        return self._new(key) if values is None else values

    def _new(self, key: Key) -> list[float]:
        if len(self.values) >= self._most:
            key = (OTHER,) * len(key)
        return self.values.setdefault(key, [0.0] * self._size)


def observe(values: list[float], bounds: tuple[float, ...], value: float) -> None:
    """Put a value into its bucket of a histogram."""
    values[bisect_left(bounds, value)] += 1
    values[-1] += value


class Names:
    """The first so many names that are met; all others are called "other"."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def of(self, name: str) -> str:
        """Return the name, or "other" when it comes after the first so many."""
        if name in self._known:
            return name
        if len(self._known) >= self._most:
            return OTHER
        self._known.add(name)
        return name
