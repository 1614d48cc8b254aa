"""All variants of a run and what was measured of them, by variant."""

from collections.abc import Iterable, Iterator

from loadtest.tune.measured import Trial
from loadtest.tune.variant import Variant


class Trials:
    """Trials in the order in which they were begun; those of an earlier run are taken up where it ended."""

    def __init__(self, earlier: Iterable[Trial] = ()) -> None:
        self._earlier = {each.variant: each for each in earlier}
        self._begun: dict[Variant, Trial] = {}

    def of(self, variant: Variant) -> Trial:
        """Return the trial of a variant.

        Of an earlier run, its steps of the finals do not count: finalists are compared within one run.
        """
        if variant not in self._begun:
            found = self._earlier.get(variant, Trial(variant=variant))
            self._begun[variant] = Trial(variant=variant, bursts=found.bursts, search=found.search)
        return self._begun[variant]

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._begun.values())
