"""How long it takes until a newcomer is answered, learned from those who were."""

from math import exp, exp2

# Seconds after which what was learned counts for a third. A model that has become slower, or fast again, is to be known
# within a second or two; one call alone says little.
_MEMORY = 0.5

# Seconds without an answer after which half the estimate is left. Where nobody may enter because it is too slow, nobody
# teaches that it has become faster; so doubt grows until somebody may try.
_HALF_LIFE = 2.0


class Pace:
    """Learns the time of a pipeline: what keeps the model busy, entered at once, takes so long until it is answered.

    Who finds less than a pipeline waiting takes about as long, since a batch takes its time whatever is in it; who
    finds more takes longer in proportion.
    """

    def __init__(self, pipeline: int) -> None:
        self.pipeline = pipeline  # items
        self.seconds = 0.0  # at the last answer; 0 as long as there was none
        self._learned = 0.0  # when that was

    def expected(self, items: int, now: float) -> float:
        """Return in how many seconds the last one of so many items is answered; 0 where nothing is known."""
        return self.now(now) * max(1.0, items / self.pipeline)

    def drained(self, items: int, now: float) -> float:
        """Return in how many seconds so many items leave, of a queue that keeps the model busy."""
        return self.now(now) * items / self.pipeline

    def now(self, now: float) -> float:
        """Return the time of a pipeline, believed less the longer ago it was learned."""
        return self.seconds * exp2((self._learned - now) / _HALF_LIFE)

    def learn(self, seconds: float, place: int, now: float) -> None:
        """Note that the last one of `place` items was answered after so many seconds.

        Answers weigh by the time that passed since the one before: the many of one call count about as one.
        """
        pipeline = seconds if place <= self.pipeline else seconds * self.pipeline / place
        weight = 1.0 - exp((self._learned - now) / _MEMORY) if self.seconds else 1.0
        self.seconds += (pipeline - self.seconds) * weight
        self._learned = now
