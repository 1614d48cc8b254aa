"""Two runs side by side."""

import msgspec
import pytest

from loadtest.errors import LoadTestError
from loadtest.load.compare import capacity, check_comparable, differences, pairs, worse
from loadtest.load.compare_view import grids, sentences
from tests.loadtest.load.reports import report, step, without_slo

BEFORE = report([step(100, 10), step(150, 12), step(225, 80), step(225, 90)])
SLOWER = report([step(100, 10), step(150, 20), step(225, 85), step(225, 95)])


def test_rates_of_both_runs_are_paired() -> None:
    """The first attempt of each; what the driver doubts is left out."""
    other = report([step(225, 60), step(100, 11), step(150, 12, "a doubt"), step(300, 99)])
    assert [(each.before.p99_ms, each.after.p99_ms) for each in pairs(BEFORE, other)] == [(10, 11), (80, 60)]


def test_what_is_more_than_noise_is_told() -> None:
    """Twice the p99 is, a wobble of one percent is not."""
    same, slower, _ = pairs(BEFORE, SLOWER)
    assert same.p99 is not None
    assert slower.p99 is not None
    assert not same.p99.real
    assert slower.p99.real
    assert slower.p99.value == pytest.approx(20 / 12)
    figures, *_ = grids(BEFORE, SLOWER)
    assert "noise" in figures.sections[0][1][-1]
    assert "slower" in figures.sections[1][1][-1]


def test_limits_are_compared_under_the_same_slo() -> None:
    """Under another one they mean something else."""
    better = report([step(100, 10), step(150, 12), step(225, 30)])
    assert (capacity(BEFORE), capacity(better)) == (150, 225)
    assert "150/s before, 225/s after (+50%)." in next(sentences(BEFORE, better))
    other = msgspec.structs.replace(better, slo="p99<90ms")
    assert "cannot be compared" in next(sentences(BEFORE, other))


def test_limit_of_the_driver_is_not_compared() -> None:
    """A run whose driver could send no more is no slower service."""
    other = report([step(100, 10), step(150, 80, "a doubt"), step(150, 80, "a doubt")])
    assert "the driver, not the service" in next(sentences(BEFORE, other))
    assert worse(BEFORE, other, 0.0) == []


def test_runs_without_rates_in_common_say_so() -> None:
    """Instead of a table without rows."""
    other = without_slo(report([step(77, 10)]))
    assert any("No rate was tried in both" in text for text in sentences(without_slo(BEFORE), other))
    assert all(grid.title == "What else differs" for grid in grids(BEFORE, other))


def test_facts_that_differ_are_listed() -> None:
    """What is the same in both runs is not."""
    facts = msgspec.structs.replace(BEFORE.facts, versions={"python": "3.11.2", "faq_matcher": "2"})
    (found,) = differences(BEFORE, msgspec.structs.replace(BEFORE, facts=facts))
    assert found == ("faq_matcher", "1", "2")


def test_another_address_is_named_and_another_question_refused() -> None:
    """HTTP against gRPC is a comparison, questions against pictures is none."""
    over_grpc = msgspec.structs.replace(BEFORE.target, url="127.0.0.1:8081", protocol="grpc")
    other = msgspec.structs.replace(BEFORE, target=over_grpc)
    check_comparable(BEFORE, other)
    assert "Two different targets" in next(sentences(BEFORE, other))
    for wrong in (report(BEFORE.steps, what="images"), report(BEFORE.steps, batch=32)):
        with pytest.raises(LoadTestError, match="two different loads"):
            check_comparable(BEFORE, wrong)


def test_what_became_worse_is_found() -> None:
    """A longer p99, a lower limit, more refusals; each beyond the share that is allowed."""
    assert worse(BEFORE, BEFORE, 0.0) == []
    assert worse(BEFORE, SLOWER, 0.1) == ["at 150/s the p99 is 67% longer"]
    assert worse(BEFORE, SLOWER, 0.7) == []
    lower = report([step(100, 10), step(150, 70)])
    assert worse(BEFORE, lower, 0.1)[0].endswith("is 33% lower")
    assert "no rate meets" in worse(BEFORE, report([step(100, 60)]), 0.1)[0]
    refusing = report([step(100, 10, refused=0.3)])
    assert worse(without_slo(BEFORE), without_slo(refusing), 0.1) == ["at 100/s more requests fail or are refused"]
