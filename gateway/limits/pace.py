"""How long it takes until a newcomer is answered, learned from those who were."""

from math import exp, exp2

# Seconds after which what was learned counts for a third. A model that has become slower, or fast again, is to be known
# within a second or two; one call alone says little.
_MEMORY = 0.5

# Seconds without an answer after which half the estimate is left. Where nobody may enter because it is too slow, nobody
# teaches that it has become faster; so doubt grows until somebody may try.
_HALF_LIFE = 2.0

_MOMENT = 0.001  # seconds: answers that come together, from one call, say the same; the first of them counts


class Pace:
    """Learns the seconds until an answer as a linear function of the place in line.

    The line is fitted by least squares to recent answers, weighed by the time that passed since the one before. Where
    all had about the same place the slope is taken from the mean: the time of a pipeline, if less than that waited.
    """

    def __init__(self, pipeline: int) -> None:
        self.pipeline = pipeline  # items that keep the model busy
        self.full = 0.0  # expected seconds where so many are in line, at the last answer; 0 as long as there was none
        self._learned = 0.0  # when that was
        self._place = self._seconds = 0.0  # means
        self._spread = self._together = 0.0  # variance of places, and covariance of places and seconds
        self._each = 0.0  # seconds for each place

    def expected(self, items: int, now: float) -> float:
        """Return in how many seconds the last one of so many items is answered; 0 where nothing is known.

        The longer ago it was learned, the less it is believed.
        """
        seconds = self.full + (items - self.pipeline) * self._each
        return seconds * exp2((self._learned - now) / _HALF_LIFE)

    def drained(self, items: int, now: float) -> float:
        """Return in how many seconds so many items leave, of a queue that keeps the model busy."""
        return self.expected(self.pipeline, now) * items / self.pipeline

    def room(self, seconds: float, now: float) -> int:
        """Return for how many items an answer is expected within so many seconds."""
        spare = seconds * exp2((now - self._learned) / _HALF_LIFE) - self.full
        return max(0, self.pipeline + int(spare / self._each)) if self._each else 0

    def learn(self, seconds: float, place: int, now: float) -> None:
        """Note that the last one of `place` items was answered after so many seconds."""
        passed = now - self._learned
        if passed < _MOMENT:
            return
        weight = 1.0 - exp(-passed / _MEMORY) if self.full else 1.0
        above, slower = place - self._place, seconds - self._seconds
        self._place += above * weight
        self._seconds += slower * weight
        self._spread = (1.0 - weight) * (self._spread + weight * above * above)
        self._together = (1.0 - weight) * (self._together + weight * above * slower)
        self._learned = now
        self._fit()

    def _fit(self) -> None:
        usual = self._seconds / max(self._place, self.pipeline)
        # As if there were one more answer, a place away and on the usual slope.
        self._each = min(max((self._together + usual) / (self._spread + 1.0), 0.0), self._seconds / self._place)
        self.full = self._seconds + (self.pipeline - self._place) * self._each
