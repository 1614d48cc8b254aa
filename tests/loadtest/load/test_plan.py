"""What was typed, and what is done."""

import numpy as np
import pytest

from loadtest.errors import LoadTestError
from loadtest.load.plan import Plan, plan
from loadtest.load.search import Ramp
from loadtest.meter import Span
from tests.loadtest.load.reports import step

SPAN = Span(2, 10)


def planned(*rates: float, ramp: str = "", slo: str = "") -> Plan:
    """A plan with the defaults of the command."""
    return plan(rates, ramp, slo, SPAN, "poisson", 1)


def test_rates_are_tried_in_turn() -> None:
    """Whatever becomes of them."""
    made = planned(100, 50)
    assert made.following([]) == 100
    assert made.following([step(100, 999)]) == 50
    assert made.following([step(100, 999), step(50, 1)]) is None


def test_ramp_follows_the_steps() -> None:
    """Upwards while they hold."""
    made = planned(ramp="100:5000", slo="p99<50ms")
    assert made.ramp == Ramp(100, 5000)
    assert made.following([step(100, 10)]) == 150
    assert made.following([step(100, 10), step(150, 80, "a doubt")]) == 150


def test_requests_are_due_over_warm_up_and_step() -> None:
    """Exactly as many as the rate says; another step has other times, unless they come at equal distances."""
    made = planned(100)
    first, second = made.due(100, 0), made.due(100, 1)
    assert len(first) == len(second) == 1200
    assert first[-1] < 12
    assert not np.array_equal(first, second)
    equal = made._replace(arrivals="constant")
    assert np.array_equal(equal.due(100, 0), equal.due(100, 1))


def test_replies_are_awaited_longer_than_any_that_is_allowed() -> None:
    """Else the wait would end before the SLO is missed."""
    assert planned(5, slo="p99<1s").patience == 10
    assert plan([5], "", "p99<20s", Span(2, 200), "poisson", 1).patience == 40


@pytest.mark.parametrize(
    ("rates", "ramp", "slo", "says"),
    [
        ([], "", "", "either --rate or --ramp"),
        ([100], "100:200", "p99<5ms", "either --rate or --ramp"),
        ([], "100:200", "", "an SLO"),
        ([], "100:200", "rate>50", "the rate itself"),
        ([], "200:100", "p99<5ms", "below the second"),
        ([100, 0], "", "", "above 0"),
        ([float("nan")], "", "", "above 0"),
        ([100], "", "p99<5", "has no unit"),
        ([100], "", "p99<2s", "cannot be judged in 10 s"),
    ],
)
def test_what_cannot_be_done_is_refused(rates: list[float], ramp: str, slo: str, says: str) -> None:
    """Before anything is asked."""
    with pytest.raises(LoadTestError, match=says):
        planned(*rates, ramp=ramp, slo=slo)
