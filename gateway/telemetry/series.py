"""What is counted in this process: plain dictionaries and lists, cheap enough for every request."""

from bisect import bisect_left
from typing import NamedTuple

OTHER = "other"
_MOST_SERIES = 4096  # of one family: what comes after them is counted together, so that nobody can fill the memory

Key = tuple[str | int, ...]


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
        self.family = family
        self.values: dict[Key, list[float]] = {}
        self._size = len(family.bounds) + 2 if family.bounds else 1
        self._most = most

    def of(self, key: Key) -> list[float]:
        """Return the values for these labels, those of "other" when there are too many already."""
        try:
            return self.values[key]
        except KeyError:
            return self._new(key)

    def add(self, key: Key, amount: float = 1) -> None:
        """Count."""
        self.of(key)[0] += amount

    def observe(self, key: Key, value: float) -> None:
        """Put a value into its bucket."""
        values = self.of(key)
        values[bisect_left(self.family.bounds, value)] += 1
        values[-1] += value

    def _new(self, key: Key) -> list[float]:
        if len(self.values) >= self._most:
            key = (OTHER,) * len(key)
        return self.values.setdefault(key, [0.0] * self._size)


class Names:
    """The first so many names that are met; all others are called "other"."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the name, or "other" when it comes after the first so many."""
        if name in self._known:
            return name
        if len(self._known) >= self._most:
            return OTHER
        self._known[name] = name
        return name
