"""A step's requests as figures."""

import numpy as np
import pytest

from loadtest.load.objectives import completed
from loadtest.load.step import Aim, step
from loadtest.meter import Span
from loadtest.openloop.histogram import decoded
from tests.loadtest.openloop.outcomes import outcome

SLO = completed("p99<50ms")


def aim(rate: float = 100, connections: float = 1024) -> Aim:
    """One second of warm-up, two that count."""
    return Aim(rate, Span(1, 2), SLO, connections)


ROWS = [(0.5, 9.0, 200), *((1 + place / 5, 0.010 + place / 1000, 200) for place in range(8)), (2.7, 0.001, 503),
        (2.8, 0.002, 429), (2.9, 10.0, 1), (3.1, 9.0, 200)]  # fmt: skip


def test_what_was_due_after_the_warm_up_counts() -> None:
    """Latencies are those of the answered requests; refusals and failures are shares of all."""
    seen = step(aim(), outcome(*ROWS))
    assert (seen.rate, seen.seconds, seen.offered_per_s, seen.answered_per_s) == (100, 2, 5.5, 4)
    assert seen.refused == pytest.approx(2 / 11)
    assert seen.errors == pytest.approx(1 / 11)
    assert (seen.p50_ms, seen.p99_ms, seen.max_ms) == (13, 17, 17)
    assert seen.mean_ms == pytest.approx(13.5)
    assert seen.statuses == {"503": 1, "429": 1, "200": 8, "no reply": 1}
    assert seen.line.offered == [5, 6]
    assert decoded(seen.histogram).get_total_count() == 8


def test_objectives_are_judged() -> None:
    """Fast answers do not make up for refusals."""
    held = {each.text: each.met for each in step(aim(), outcome(*ROWS)).objectives}
    assert held == {"p99<50ms": True, "errors<1%": False, "refused<1%": False}


def test_step_without_an_answer_meets_nothing() -> None:
    """It has no latencies, and says so."""
    seen = step(aim(), outcome((1.5, 0.001, 503)))
    assert (seen.mean_ms, seen.p99_ms, seen.stages) == (None, None, [])
    assert not seen.holds
    assert seen.objectives[0].shown == "nothing was answered"


def test_stages_are_those_that_replies_told() -> None:
    """Beside the whole, which the client saw; replies that told none do not count."""
    told = outcome((1.1, 0.1, 200), (1.2, 0.2, 200), (1.3, 0.3, 503))
    stages = {"infer": np.array([40, np.nan, 70], np.float32), "wait": np.full(3, np.nan, np.float32)}
    seen = step(aim(), told._replace(stages=stages))
    assert [(each.stage, each.p50_ms, each.max_ms) for each in seen.stages] == [("total", 100, 200), ("infer", 40, 40)]


def test_driver_that_is_late_is_doubted() -> None:
    """It makes latencies look longer: a step that bounds them and keeps the bound holds; else nobody knows."""
    seen = step(aim(), outcome((1.5, 0.020, 200), lag=0.015))
    assert "15 ms late" in seen.doubts[0]
    assert seen.holds
    assert not step(aim()._replace(objectives=completed("errors<1%")), outcome((1.5, 0.020, 200), lag=0.015)).holds


def test_want_of_connections_is_the_service_s_fault_where_it_was_too_slow() -> None:
    """1,024 requests under way at 100/s take 10 s each; at 50,000/s they may well be as fast as they should."""
    waited = outcome((1.5, 0.020, 200), waited=1)
    assert step(aim(rate=100), waited).doubts == []
    assert "free connection" in step(aim(rate=50_000), waited).doubts[0]
    assert "free connection" in step(aim()._replace(objectives=[]), waited).doubts[0]
