"""The search: many variants briefly, the better ones longer, the best in turns beside the default."""

from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import NamedTuple

from loadtest.tune.budget import Budget
from loadtest.tune.goal import Goal, held
from loadtest.tune.looks import Bench, Looks
from loadtest.tune.measured import Trial
from loadtest.tune.space import Batching, batched, replaced
from loadtest.tune.trials import Trials
from loadtest.tune.variant import Variant

_PLACEMENTS, _SIZES, _FINALISTS = 3, 2, 3  # that go on from each stage
_BURSTS = 2  # of those that a single one says too little of
_LEAST_STEPS = 2  # of a search, however little time there is
_ROUNDS = range(3, 9)  # of the finals
_DIVIDED, _SIZED, _DELAYED = 0.25, 0.4, 0.6  # shares of the time, after which a stage tries nothing new
_NO_TIME = "not tried: the time was over (--budget)"


class Plan(NamedTuple):
    """What is tried: how cores are divided and what computes, batch sizes, and delays; `usual` items under way."""

    default: Variant
    divided: Sequence[Variant]
    sizes: Sequence[int]
    delays_us: Sequence[int]
    list_size: int
    usual: int


class Tuner:
    """Measures the variants of a plan for a goal; `tell` hears what is done next, before every measurement."""

    def __init__(
        self, bench: Bench, goal: Goal, plan: Plan, trials: Trials, budget: Budget, tell: Callable[[str], None]
    ) -> None:
        self._looks = Looks(bench, goal, budget, plan.list_size)
        self._goal = goal
        self._plan = plan
        self._trials = trials
        self._budget = budget
        self._tell = tell

    def run(self) -> list[Trial]:
        """Return the finalists, the default among them. Raises LoadTestError."""
        self._tell("the default config")
        self._looks.first(self._plan.default, self._plan.usual)
        default = self._trials.of(self._plan.default)
        divided = self._brief("cores and engines", [default.variant, *self._plan.divided], _DIVIDED)
        bases = [each.variant for each in self._best(divided)[:_PLACEMENTS]]
        merged = [each for base in bases for each in batched(base, self._sizes(base))]
        sized = self._again(self._brief("batch sizes", [*bases, *merged], _SIZED))
        found = [self._limit(each) for each in _with(sized[:_SIZES], default)]
        found += self._delays(found)
        start = max(held(each.search) for each in found)
        finalists = _with(self._best(found, self._goal.score)[: self._places(start)], default)
        self._finals(finalists, start)
        return finalists

    def _brief(self, stage: str, variants: Iterable[Variant], share: float) -> list[Trial]:
        """Look at each variant once; those that do not work or are far below the best go no further."""
        trials = [self._trials.of(each) for each in dict.fromkeys(variants)]
        for place, trial in enumerate(trials):
            if trial.bursts or trial.dropped:
                continue
            if not (self._is_default(trial) or self._budget.within(share)):
                trial.dropped = _NO_TIME
                continue
            self._tell(f"{stage} {place + 1}/{len(trials)}: {trial.variant}")
            self._looks.brief(trial)
        self._drop_hopeless(trials, share)
        return trials

    def _drop_hopeless(self, trials: Sequence[Trial], share: float) -> None:
        """Drop what is far below the best, after a second look: a single one may have had bad luck."""
        best = max((each.capacity for each in trials), default=0.0)
        for trial in trials:
            if trial.dropped or not self._goal.hopeless(trial, best):
                continue
            if len(trial.bursts) < _BURSTS and self._budget.within(share):
                self._tell(f"once more: {trial.variant}")
                self._looks.brief(trial)
            if not self._is_default(trial):
                trial.dropped = trial.dropped or self._goal.hopeless(trial, best)

    def _again(self, trials: Sequence[Trial]) -> list[Trial]:
        """Look at the better half once more, and return all, the best first."""
        alive = self._best(trials)
        for trial in alive[: (len(alive) + 1) // 2]:
            if len(trial.bursts) < _BURSTS and self._budget.within(_SIZED):
                self._tell(f"once more: {trial.variant}")
                self._looks.brief(trial)
        return self._best(alive)

    def _sizes(self, base: Variant) -> list[Batching]:
        return [Batching(size, base.queue_delay_us) for size in self._plan.sizes]

    def _limit(self, trial: Trial, around: float | None = None) -> Trial:
        while self._looks.unfinished(trial, around):
            if len(trial.search) >= _LEAST_STEPS and not self._budget.within(_DELAYED):
                break
            self._tell(f"limit, step {len(trial.search) + 1}: {trial.variant}")
            self._looks.limit(trial, around)
        return trial

    def _delays(self, bases: Sequence[Trial]) -> list[Trial]:
        """Try other delays where requests are merged, around the rate that was held without."""
        merging = [each for each in bases if each.variant.max_batch_size]
        variants = {
            replaced(base.variant, Batching(base.variant.max_batch_size, us)): base
            for base in merging
            for us in self._plan.delays_us
        }
        known = {each.variant for each in bases}
        return [self._delayed(variant, base) for variant, base in variants.items() if variant not in known]

    def _delayed(self, variant: Variant, base: Trial) -> Trial:
        trial = self._trials.of(variant)
        if trial.search or self._budget.within(_DELAYED):
            return self._limit(trial, self._goal.score(base))
        trial.dropped = _NO_TIME
        return trial

    def _places(self, start: float) -> int:
        """Return how many variants may take part in the finals beside the default: as many as there is time for."""
        took = _ROUNDS[0] * self._looks.long_s(start)
        return min(max(int(self._budget.left / took) - 1, 1), _FINALISTS)

    def _finals(self, finalists: Sequence[Trial], start: float) -> None:
        """Hold rates in turns, all from `start` on: what disturbs the machine for a while disturbs all alike."""
        took = 0.0
        for turn in range(_ROUNDS[-1]):
            if turn >= _ROUNDS[0] and self._budget.left < took:
                return
            began = monotonic()
            for trial in finalists if turn % 2 else reversed(finalists):
                self._tell(f"finals, round {turn + 1}: {trial.variant}")
                self._looks.long(trial, start)
            took = monotonic() - began

    def _best(self, trials: Iterable[Trial], key: Callable[[Trial], float] | None = None) -> list[Trial]:
        return sorted((each for each in trials if not each.dropped), key=key or self._goal.rank, reverse=True)

    def _is_default(self, trial: Trial) -> bool:
        return trial.variant == self._plan.default


def _with(trials: list[Trial], default: Trial) -> list[Trial]:
    return trials if default in trials else [*trials, default]
