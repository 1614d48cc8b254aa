"""The search: what is tried, what is dropped and why, who gets into the finals, what is taken from an earlier run."""

import pytest

from loadtest.errors import LoadTestError
from loadtest.tune.budget import Budget
from loadtest.tune.choice import chosen
from loadtest.tune.goal import Goal, goal
from loadtest.tune.measured import Trial
from loadtest.tune.trials import Trials
from loadtest.tune.tuner import Plan, Tuner
from loadtest.tune.variant import Variant
from tests.loadtest.tune.modelled import DEFAULT, ModelledBench, varied

OTHER = varied(instances=2, threads=1)
SLOW = varied(instances=1, threads=1)
MISSING = varied(engine="openvino", max_batch_size=0)
PLAN = Plan(DEFAULT, [DEFAULT, OTHER, SLOW, MISSING], [16, 64], [0, 500], list_size=1, usual=8)
THROUGHPUT = goal("p99=100ms", None)


def tuned(bench: ModelledBench, aim: Goal = THROUGHPUT, seconds: float = 3600.0) -> tuple[Trials, list[Trial]]:
    """Search with a bench; return all trials, and the finalists."""
    trials = Trials()
    finalists = Tuner(bench, aim, PLAN, trials, Budget(seconds, aim.limit_ms), lambda doing: None).run()
    return trials, finalists


def test_the_variant_that_holds_most_is_found() -> None:
    """Among engines, placements, batch sizes and delays; the others are compared beside it, the default too."""
    best = varied(instances=2, threads=1, max_batch_size=16, queue_delay_us=500)
    near = varied(instances=2, threads=1, max_batch_size=16)
    bench = ModelledBench({best: 900.0, near: 800.0, OTHER: 700.0, SLOW: 100.0, MISSING: None})
    _, finalists = tuned(bench)
    found = chosen(finalists, DEFAULT, THROUGHPUT)
    assert found is not None
    assert found.variant == best
    assert THROUGHPUT.score(found) == pytest.approx(900, rel=0.05)
    assert DEFAULT in {each.variant for each in finalists}
    assert len(finalists) <= 4


def test_hopeless_variants_are_dropped_after_bursts_with_the_reason() -> None:
    """Far below the best even in a second one, or refused by Triton: no step is spent on them."""
    bench = ModelledBench({SLOW: 100.0, MISSING: None})
    trials, _ = tuned(bench)
    reasons = {each.variant: each.dropped for each in trials}
    assert reasons[SLOW] == "20% of the best burst"
    assert reasons[MISSING] == "no such engine here"
    assert reasons[DEFAULT] == ""
    assert bench.bursts.count(SLOW) == 2
    assert SLOW not in bench.steps


def test_default_is_compared_however_slow_it_is() -> None:
    """What is served now is what the result is held against."""
    _, finalists = tuned(ModelledBench({DEFAULT: 10.0}))
    assert finalists[-1].variant == DEFAULT
    assert finalists[-1].final


def test_default_that_fails_ends_the_search() -> None:
    """There is nothing to compare with."""
    with pytest.raises(LoadTestError, match="config that is served now fails: no such engine here"):
        tuned(ModelledBench({DEFAULT: None}))


def test_at_a_rate_the_calmest_variant_wins() -> None:
    """Those that cannot hold it are dropped; of the others the lowest p99 counts, not the highest capacity."""
    aim = goal(None, 400)
    calm = varied(instances=2, threads=1)
    trials, finalists = tuned(ModelledBench({calm: 700.0, SLOW: 410.0}), aim)
    found = chosen(finalists, DEFAULT, aim)
    assert found is not None
    assert found.variant.instances == 2
    assert {each.variant: each.dropped for each in trials}[SLOW] == "too slow for 400/s"


def test_without_time_only_the_default_is_tried_and_the_rest_says_so() -> None:
    """A short budget gives an honest, small answer."""
    trials, finalists = tuned(ModelledBench({}), seconds=1e-6)
    assert [each.variant for each in finalists] == [DEFAULT]
    assert all("--budget" in each.dropped for each in trials if each.variant != DEFAULT)


def test_an_earlier_run_is_taken_up_where_it_ended() -> None:
    """Bursts and searches are not made again; the finals are: finalists are compared within one run."""
    first = ModelledBench({MISSING: None})
    trials, _ = tuned(first)
    again, repeated = ModelledBench({MISSING: None}), Trials(trials)
    Tuner(again, THROUGHPUT, PLAN, repeated, Budget(3600, 100), lambda doing: None).run()
    assert again.bursts == [DEFAULT, MISSING]  # how fast the default is now, and what might work by now
    finals = [each for each in repeated if each.final]
    assert len(again.steps) == sum(len(each.final) for each in finals)


def test_finalists_take_turns() -> None:
    """What disturbs the machine for a while disturbs all of them alike."""
    bench = ModelledBench({MISSING: None})
    _, finalists = tuned(bench)
    count = len(finalists)
    rounds = [set(bench.steps[-end : len(bench.steps) - end + count]) for end in range(count, 3 * count + 1, count)]
    assert rounds == [{each.variant for each in finalists}] * 3


def test_one_variant_is_measured_once_however_it_is_come_by() -> None:
    """Stages overlap: a batch size of the default is the default."""
    bench = ModelledBench({MISSING: None})
    trials, _ = tuned(bench)
    variants: list[Variant] = [each.variant for each in trials]
    assert len(variants) == len(set(variants))
