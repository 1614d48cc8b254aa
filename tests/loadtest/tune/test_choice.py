"""Which variant is chosen, and what is said about it."""

from math import inf

from loadtest.tune import explanation
from loadtest.tune.choice import chosen
from loadtest.tune.executed import Executed
from loadtest.tune.goal import goal
from loadtest.tune.measured import Step, Trial
from loadtest.tune.models import MODELS
from loadtest.tune.variant import Variant
from tests.loadtest.tune.modelled import DEFAULT, burst, step, varied

AIM = goal("p99=100ms", None)
FAQ = MODELS["faq_matcher"]


def final(variant: Variant, rate: float, batch: int = 4, *, capacity: float = 0.0) -> Trial:
    """Return a finalist that held a rate twice."""
    held = step(rate, met=True)
    executed = Executed(queue_ms=3.0, compute_ms=4.0, batches={batch: 10})
    fields = {name: getattr(held, name) for name in held.__struct_fields__}
    steps = [Step(**{**fields, "executed": executed})] * 2
    return Trial(variant=variant, bursts=[burst(capacity or rate)], search=steps[:1], final=steps)


def test_the_best_is_chosen_when_it_is_clearly_better() -> None:
    """By more than two runs of the same config differ."""
    better = final(varied(queue_delay_us=500), 1100)
    assert chosen([better, final(DEFAULT, 1000)], DEFAULT, AIM) is better


def test_the_default_stays_when_others_are_as_good() -> None:
    """No config is changed for noise; of two others as good, the one nearer to the default is taken."""
    default = final(DEFAULT, 1000)
    assert chosen([final(varied(queue_delay_us=500), 1020), default], DEFAULT, AIM) is default
    near, far = final(varied(threads=1), 1190), final(varied(threads=1, instances=2), 1200)
    assert chosen([far, near, default], DEFAULT, AIM) is near


def test_nothing_is_chosen_where_nothing_was_held() -> None:
    """A variant that fails while the finals run is none."""
    failed = Trial(variant=DEFAULT, final=[step(10, met=False)])
    dropped = final(varied(threads=1), 1000)
    dropped.dropped = "Triton refused it"
    assert chosen([failed, dropped], DEFAULT, AIM) is None


def test_a_winner_is_explained_by_what_it_does_otherwise() -> None:
    """Gain, batches, where the time went, what the alternatives gave, and what it means for the gateway."""
    best = final(varied(threads=1, max_batch_size=32, queue_delay_us=500), 1200, batch=12)
    default = final(DEFAULT, 1000, batch=3)
    slow = final(varied(instances=2, threads=1), 700)
    text = "\n".join(explanation.sentences(best, default, [best, default, slow], AIM, FAQ))
    assert "it holds 1,200 questions/s" in text
    assert "the default" in text
    assert "+20%" in text
    assert "batches hold 12.0 questions on average instead of 3.0: requests wait up to 500 us for each other" in text
    assert "waits 3.00 ms in Triton's queue and is computed for 4.00 ms" in text
    assert "With 1 instance x 2 threads, bursts give 1,000 instead of 1,200 questions/s: a batch is too little" in text
    assert "A gateway's call then holds at most 32 questions, whatever its --max-batch-size says." in text


def test_that_the_default_is_best_is_said_with_the_numbers() -> None:
    """And with what came closest."""
    default, other = final(DEFAULT, 1000), final(varied(queue_delay_us=500), 990)
    result = explanation.sentences(default, default, [default, other], AIM, FAQ)[0]
    assert result.startswith("The default is best: it holds 1,000 questions/s, and nothing beats that by more than 3%")
    assert "delay 500 us, holds 990 questions/s" in result


def test_what_came_closest_to_an_unreachable_limit_is_named() -> None:
    """The best p99 that was seen, where, and with which variant."""
    trials = [
        Trial(variant=DEFAULT, search=[step(100, met=False, p99_ms=9.0)]),
        Trial(variant=varied(threads=1), search=[step(50, met=False, p99_ms=4.0), step(60, met=False, p99_ms=7.0)]),
    ]
    text = explanation.unreachable(trials, goal("p99=1ms", None), "questions")
    assert text.startswith(
        "no variant keeps p99=1ms,errors<1%,refused<1%: the best p99 seen is 4.00 ms at 50.0 questions/s"
    )
    assert "1 instance x 1 thread" in text
    at_rate = explanation.unreachable([Trial(variant=DEFAULT)], goal(None, 100), "questions")
    assert at_rate == "no variant keeps 100 questions/s with errors<1%,refused<1%: none answered at all"


def test_the_step_that_tells_most_is_the_highest_that_was_held() -> None:
    """Of the finals where there are some; without a step there is nothing to tell."""
    steps = [step(100, met=True), step(110, met=False)]
    found = explanation.telling(Trial(variant=DEFAULT, search=[step(500, met=True)], final=steps))
    assert found is steps[0]
    assert explanation.telling(Trial(variant=DEFAULT)) is None
    assert AIM.score(Trial(variant=DEFAULT)) == -inf
