"""Which rate to try next: halves of what is left between, then small steps up and down around the limit."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from loadtest.tune.measured import Step

_FIRST = 0.8  # of a burst
_GROWTH, _SHRINKING = 1.3, 0.6  # while nothing failed, or nothing was held: a burst may have had bad luck
_STEP, _FINEST, _LARGEST = 0.06, 0.02, 0.3  # of a rate


def bisected(capacity: float, steps: Sequence[Step]) -> float:
    """Return the rate to try after some steps, between the highest that was held and the lowest that was not."""
    if not steps:
        return capacity * _FIRST
    low = max((each.rate for each in steps if each.met), default=0.0)
    above = [each.rate for each in steps if not each.met and each.rate > low]
    if not above:
        return low * _GROWTH
    return sqrt(low * min(above)) if low else min(above) * _SHRINKING


def stepped(start: float, steps: Sequence[Step]) -> float:
    """Return the rate to try after some steps that began at `start`: up from one that was held, else down.

    Steps grow until the direction turns for the first time, and are halved whenever it does.
    """
    if not steps:
        return start
    turns = sum(one.met is not other.met for one, other in pairwise(steps))
    change = max(_STEP * 0.5**turns, _FINEST) if turns else min(_STEP * 2 ** (len(steps) - 1), _LARGEST)
    return steps[-1].rate * (1 + change if steps[-1].met else 1 - change)
