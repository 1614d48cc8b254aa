"""The search for the highest rate that holds."""

import pytest

from loadtest.errors import LoadTestError
from loadtest.load.search import CLOSE, Ramp, Tried, following, parse

RAMP = Ramp(100, 5000)


def searched(limit: float, ramp: Ramp = RAMP, unlucky: int | None = None) -> list[Tried]:
    """Search a service that holds up to a limit, but for one bad moment."""
    tried: list[Tried] = []
    while (rate := following(ramp, tried)) is not None:
        tried.append(Tried(rate, rate <= limit and len(tried) != unlucky))
        assert len(tried) < 50
    return tried


@pytest.mark.parametrize("limit", [100, 101, 230, 1234, 4999])
def test_limit_is_found_to_five_percent(limit: float) -> None:
    """The highest rate that held and the lowest that failed enclose the limit closely, after few steps."""
    tried = searched(limit)
    held = max(each.rate for each in tried if each.holds)
    failed = min(each.rate for each in tried if not each.holds)
    assert held <= limit < failed
    assert failed / held <= CLOSE
    assert len(tried) <= 22


def test_service_that_bears_all_is_tried_up_to_the_end() -> None:
    """The last step is the highest rate of the ramp."""
    tried = searched(10_000)
    assert tried[-1] == Tried(5000, holds=True)
    assert all(each.holds for each in tried)


def test_service_that_bears_nothing_is_tried_twice() -> None:
    """At the lowest rate alone."""
    assert searched(50) == [Tried(100, holds=False)] * 2


@pytest.mark.parametrize("unlucky", range(8))
def test_one_bad_moment_does_not_end_the_search(unlucky: int) -> None:
    """Wherever it strikes, the same limit is found."""
    best = max(each.rate for each in searched(1234, unlucky=unlucky) if each.holds)
    assert best == max(each.rate for each in searched(1234) if each.holds)


def test_low_rates_are_searched_as_closely() -> None:
    """Less than one request per second is a rate, too."""
    tried = searched(0.37, Ramp(0.1, 5))
    assert 0.35 < max(each.rate for each in tried if each.holds) <= 0.37


def test_ramp_is_read() -> None:
    """Two rates with a colon between them."""
    assert parse("100:5e3") == RAMP


@pytest.mark.parametrize("text", ["", "100", "100:", "a:b", "200:100", "0:100", "-1:5", "1:inf", "nan:5", "1:2:3"])
def test_what_is_no_ramp_is_refused(text: str) -> None:
    """With an example."""
    with pytest.raises(LoadTestError) as raised:
        parse(text)
    assert "--ramp 100:5000" in raised.value.hint
