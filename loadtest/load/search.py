"""The search for the highest rate that holds: steps upwards until one fails, then halves of what is left between."""

from collections.abc import Sequence
from math import floor, log10, sqrt
from typing import NamedTuple

from loadtest.errors import LoadTestError

GROWTH = 1.5  # from one step upwards to the next
CLOSE = 1.05  # the lowest rate that fails is at most so many times the highest one that holds: near enough
_ATTEMPTS = 2  # a single bad moment of the machine does not end the search
_DIGITS = 3
_HINT = "write the lowest and the highest rate per second, for instance --ramp 100:5000"


class Ramp(NamedTuple):
    """The rates between which the limit is looked for, in requests per second."""

    low: float
    high: float


class Tried(NamedTuple):
    """A rate, and whether it held."""

    rate: float
    holds: bool


def parse(text: str) -> Ramp:
    """Return the ramp in a text such as 100:5000. Raises LoadTestError."""
    low, _, high = text.partition(":")
    try:
        ramp = Ramp(float(low), float(high))
    except ValueError:
        raise LoadTestError(f"--ramp {text}: expected LOW:HIGH", _HINT) from None
    if not 0 < ramp.low < ramp.high < float("inf"):
        raise LoadTestError(f"--ramp {text}: the first rate is to be above 0 and below the second", _HINT)
    return ramp


def following(ramp: Ramp, tried: Sequence[Tried]) -> float | None:
    """Return the rate to try next, None when the limit is known or lies outside the ramp.

    A rate that fails is tried once more before it counts as failed.
    """
    held = max((each.rate for each in tried if each.holds), default=0.0)
    above = [each.rate for each in tried if each.rate > held]
    failed = min((rate for rate in above if above.count(rate) >= _ATTEMPTS), default=None)
    if above and above.count(above[-1]) < _ATTEMPTS:
        return above[-1]
    if failed is None:
        return _upwards(ramp, held)
    return _between(held, failed) if held else None


def _upwards(ramp: Ramp, held: float) -> float | None:
    if held >= ramp.high:
        return None
    return min(_rounded(held * GROWTH), ramp.high) if held else ramp.low


def _between(held: float, failed: float) -> float | None:
    middle = _rounded(sqrt(held * failed))
    return middle if failed / held > CLOSE and held < middle < failed else None


def _rounded(rate: float) -> float:
    return round(rate, _DIGITS - 1 - floor(log10(rate)))
