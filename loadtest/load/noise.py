"""Whether two steps differ by more than their own seconds do."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SECONDS = 5  # values, below which there is nothing to draw from
_DRAWS, _SEED = 2000, 0
_WITHIN = (2.5, 97.5)  # percent


class Ratio(NamedTuple):
    """How many times the first one's value the second one's is, and between what bounds that lies in 95 % of draws."""

    value: float
    low: float
    high: float

    @property
    def real(self) -> bool:
        """Whether the two differ by more than noise."""
        return not self.low <= 1 <= self.high


def ratio(before: Sequence[float | None], after: Sequence[float | None]) -> Ratio | None:
    """Compare the means of values per second, drawing seconds with replacement (bootstrap); None for too few of them.

    It knows the noise within a run alone: what differs from one start of the service to the next it cannot know.
    """
    first, second = (np.array([each for each in values if each is not None]) for values in (before, after))
    if min(len(first), len(second)) < _SECONDS or not first.mean():
        return None
    random = np.random.default_rng(_SEED)
    drawn = _means(second, random) / _means(first, random)
    low, high = np.percentile(drawn, _WITHIN)
    return Ratio(float(second.mean() / first.mean()), float(low), float(high))


def _means(values: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    means: NDArray[np.float64] = random.choice(values, (_DRAWS, len(values))).mean(axis=1)
    return means
