"""Shares and rates as users write them."""

import pytest

from loadtest.cost import parse
from loadtest.cost.costs import ANY
from loadtest.errors import LoadTestError


@pytest.mark.parametrize(("text", "value"), [("60%", 0.6), ("0.6", 0.6), ("100%", 1.0), ("1", 1.0), (" 12.5% ", 0.125)])
def test_shares(text: str, value: float) -> None:
    """Percent or a fraction."""
    assert parse.share(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["0", "0%", "60", "101%", "-5%", "half", "", "nan", "60 percent"])
def test_what_is_no_share(text: str) -> None:
    """Nothing above all, nothing that might be percent or not."""
    with pytest.raises(LoadTestError, match="is no share") as failure:
        parse.share(text)
    assert "60%" in failure.value.hint


@pytest.mark.parametrize(
    ("text", "value"),
    [("500", 500), ("500/s", 500), ("2k/s", 2000), ("1.5k", 1500), ("120/min", 2), ("36k/h", 10), ("8.64M/day", 100)],
)
def test_rates(text: str, value: float) -> None:
    """A number, a thousand or a million, for a second if nothing else is said."""
    assert parse.per_second(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["0", "0/s", "-1", "many", "500/", "500/year", "5G", "", "inf", "1e3"])
def test_what_is_no_rate(text: str) -> None:
    """The hint shows how to write one."""
    with pytest.raises(LoadTestError, match="is no rate") as failure:
        parse.per_second(text)
    assert "40M/day" in failure.value.hint


def test_rates_may_have_names() -> None:
    """Those without hold for all that have none."""
    assert parse.named(["T4=400", "2k"], ["A100", "T4"], "GPU") == {"T4": 400, ANY: 2000}


def test_unknown_names_are_refused() -> None:
    """A misspelt GPU would be ignored."""
    with pytest.raises(LoadTestError, match="there is no GPU 'T5'") as failure:
        parse.named(["T5=400"], ["A100", "T4"], "GPU")
    assert "A100, T4" in failure.value.hint
