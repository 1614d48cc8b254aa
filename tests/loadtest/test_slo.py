"""Objectives as text."""

from math import nan

import pytest

from loadtest.errors import LoadTestError
from loadtest.slo import judged, parse


def test_bounds_are_read_with_their_units() -> None:
    """Times become milliseconds and percentages shares; an equals sign is an upper bound for all but rates."""
    objectives = parse("p99<50ms, errors<0.1%,p50=1.5s,rate>500/s,rate=5")
    assert [(each.metric, each.upper, each.limit) for each in objectives] == [
        ("p99", True, 50.0), ("errors", True, pytest.approx(0.001)), ("p50", True, 1500.0), ("rate", False, 500.0),
        ("rate", False, 5.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "p99", "p99<", "p98<5ms", "p99<5%", "errors<1ms", "p99<-5ms", "p99<5ms,", "rate>1ms"]
)
def test_what_is_no_objective_is_named(text: str) -> None:
    """The error shows the piece that cannot be read and how to write one."""
    with pytest.raises(LoadTestError) as raised:
        parse(text)
    assert "p99<50ms" in raised.value.hint


def test_objectives_are_judged() -> None:
    """Each figure is shown in its unit; none at all misses the objective."""
    goals = judged(parse("p99<50ms,errors<1%,rate>10/s"), {"p99": nan, "errors": 0.002, "rate": 12.0})
    assert [str(goal) for goal in goals] == [
        "MISSED: p99: nan ms (goal: p99<50ms)", "met: errors: 0.200% (goal: errors<1%)",
        "met: rate: 12.0/s (goal: rate>10/s)",
    ]  # fmt: skip
