"""Goals: what is asked for, what is hopeless, what counts as held, and which rate is tried next."""

from math import inf

import pytest

from loadtest.errors import LoadTestError
from loadtest.tune import budget
from loadtest.tune.budget import Budget
from loadtest.tune.goal import calm, goal, held
from loadtest.tune.measured import Step, Trial
from loadtest.tune.rates import bisected, stepped
from tests.loadtest.tune.modelled import DEFAULT, burst, step


@pytest.mark.parametrize(
    ("slo", "rate", "message"),
    [
        (None, None, "either a latency limit or a rate"),
        ("p99=100ms", 5.0, "either a latency limit or a rate"),
        ("errors<1%", None, "limits no latency"),
        ("p99=100parsec", None, "has no unit"),
    ],
)
def test_goals_that_make_no_sense_are_refused(slo: str | None, rate: float | None, message: str) -> None:
    """One of both, and a limit that is one; the hint shows how."""
    with pytest.raises(LoadTestError, match=message) as error:
        goal(slo, rate)
    assert "--slo" in error.value.hint or "p99<50ms" in error.value.hint


def test_bursts_ask_for_as_much_as_may_wait() -> None:
    """By Little's law within half of the limit; without one, as usual; with several items in each request, fewer."""
    assert goal("p99=100ms", None).in_flight(4000, 1, 64) == 200
    assert goal("p99=100ms", None).in_flight(4000, 8, 64) == 25
    assert goal("p99=5ms", None).in_flight(10, 1, 64) == 4
    assert goal(None, 100).in_flight(4000, 1, 64) == 64


def test_a_rate_counts_as_held_when_it_was_held_twice() -> None:
    """One lucky step is no proof, one unlucky one no refutation."""
    steps = [step(100, met=True), step(120, met=True), step(110, met=False), step(90, met=True)]
    assert held(steps) == 120
    assert held(steps, times=2) == 100
    assert held([step(100, met=False)]) == -inf
    trial = Trial(variant=DEFAULT, search=[step(500, met=True)], final=steps)
    assert goal("p99=100ms", None).score(trial) == 100


def test_at_a_rate_the_median_counts_unless_most_steps_failed() -> None:
    """A variant that fails every other time does not hold the rate."""
    good = [step(100, met=True, p99_ms=ms) for ms in (9.0, 5.0, 7.0)]
    assert calm(good) == -7.0
    assert calm([*good[:1], step(100, met=False)]) == -inf
    assert goal(None, 100).score(Trial(variant=DEFAULT, final=good)) == -7.0


def test_what_cannot_hold_the_rate_is_hopeless() -> None:
    """With a latency limit, what gives far less than the best is."""
    trial = Trial(variant=DEFAULT, bursts=[burst(90), burst(100)])
    assert goal(None, 99).hopeless(trial, 0) == "too slow for 99/s"
    assert goal(None, 90).hopeless(trial, 1000) == ""
    assert goal("p99=1s", None).hopeless(trial, 200) == "50% of the best burst"
    assert goal("p99=1s", None).hopeless(trial, 120) == ""


def test_the_limit_is_found_by_halves() -> None:
    """Between the highest rate that was held and the lowest that was not, whatever a burst gave."""
    for burst_per_s in (400, 1000, 4000):
        steps: list[Step] = []
        for _ in range(10):
            rate = bisected(burst_per_s, steps)
            steps.append(step(rate, met=rate <= 640))
        assert steps[0].rate == burst_per_s * 0.8
        assert held(steps) == pytest.approx(640, rel=0.01)


@pytest.mark.parametrize("limit", [300.0, 640.0, 900.0])
def test_steps_around_a_rate_end_at_the_limit(limit: float) -> None:
    """They grow until the direction turns, and shrink from then on."""
    steps: list[Step] = []
    for _ in range(8):
        rate = stepped(640, steps)
        steps.append(step(rate, met=rate <= limit))
    assert held(steps, times=2) == pytest.approx(limit, rel=0.1)


def test_budgets_are_read_and_shorten_what_is_done() -> None:
    """A step still lasts ten times the latency limit, or a growing queue would go unseen."""
    assert [budget.seconds(text) for text in ("8m", "90s", "1.5h")] == [480, 90, 5400]
    full, short = Budget(480, 100).lengths(5000), Budget(8, 100).lengths(5000)
    assert (full.search, full.final) == (1.5, 4.0)
    assert (short.search, short.final) == (1.0, 1.0)
    assert short.burst < full.burst
    slow = Budget(480, 300).lengths(30)
    assert slow.search > 3  # enough requests for a p99
    for text in ("8", "0s", "soon"):
        with pytest.raises(LoadTestError, match="--budget"):
            budget.seconds(text)
