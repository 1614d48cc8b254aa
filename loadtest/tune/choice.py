"""Which of the finalists is the best, and whether it is any better than what is served now."""

from collections.abc import Sequence
from math import inf

from loadtest.tune.goal import Goal
from loadtest.tune.measured import Trial
from loadtest.tune.variant import Variant

# What two runs of the same variant may differ by: no reason to change a config.
NOISE = 0.03


def chosen(finalists: Sequence[Trial], default: Variant, goal: Goal) -> Trial | None:
    """Return the best finalist, None where none kept the objectives.

    Of those as good as the best one, but for noise, it is the default, or else the one nearest to it.
    """
    alive = [each for each in finalists if not each.dropped and goal.score(each) > -inf]
    if not alive:
        return None
    best = max(goal.score(each) for each in alive)
    close = [each for each in alive if goal.score(each) >= best - abs(best) * NOISE]
    return min(close, key=lambda each: (changes(each.variant, default), -goal.score(each)))


def changes(variant: Variant, default: Variant) -> int:
    """Return in how many settings a variant differs from another."""
    return sum(getattr(variant, name) != getattr(default, name) for name in variant.__struct_fields__)
