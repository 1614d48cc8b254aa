"""What a step is held to."""

import pytest

from loadtest.errors import LoadTestError
from loadtest.load.objectives import check_duration, completed, longest, written


@pytest.mark.parametrize(
    ("given", "held_to"),
    [
        ("p99<50ms", "p99<50ms,errors<1%,refused<1%"),
        ("p99<50ms,errors<0.1%", "p99<50ms,errors<0.1%,refused<0.1%"),
        ("errors=0,refused<50%", "errors=0,refused<50%"),
        ("refused<5%", "refused<5%,errors<1%"),
    ],
)
def test_failures_and_refusals_are_always_bounded(given: str, held_to: str) -> None:
    """A service that refuses most requests and answers the others fast does not bear the load."""
    assert written(completed(given)) == held_to


def test_longest_latency_that_is_allowed() -> None:
    """In seconds; None where no latency is bounded."""
    assert longest(completed("p50<20ms,p99<1.5s")) == 1.5
    assert longest(completed("errors<1%")) is None


def test_step_too_short_for_its_latency_is_refused() -> None:
    """A queue that grows would not be as long as the limit at the end of the step."""
    check_duration(completed("p99<1s"), 10)
    check_duration(completed("errors<1%"), 1)
    with pytest.raises(LoadTestError) as raised:
        check_duration(completed("p99<2s"), 10)
    assert "--seconds 20" in raised.value.hint
