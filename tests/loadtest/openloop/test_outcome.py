"""What became of requests, and whether that can be believed."""

import numpy as np

from loadtest.openloop.outcome import CLOSED, merged
from tests.loadtest.openloop.outcomes import outcome

ROW = (1.0, 0.1, 200)


def test_statuses_are_told_apart() -> None:
    """Answered, refused for now, and neither."""
    seen = outcome((0, 0, 200), (0, 0, 503), (0, 0, 429), (0, 0, 504), (0, 0, CLOSED))
    assert seen.ok.tolist() == [True, False, False, False, False]
    assert seen.refused.tolist() == [False, True, True, False, False]


def test_part_of_a_run_holds_what_was_due_in_it() -> None:
    """Its end belongs to the next part; all columns go along."""
    part = outcome((0, 5, 200), (1, 6, 503), (2, 7, 200)).between(1, 2)
    assert (part.due.tolist(), part.latency.tolist(), part.status.tolist()) == ([1], [6], [503])
    assert (len(part.lag), len(part.waited)) == (1, 1)


def test_sound_figures_raise_no_doubts() -> None:
    """A millisecond late is soon enough."""
    assert outcome(ROW, ROW, lag=0.001).doubts() == []


def test_driver_that_was_the_limit_says_so() -> None:
    """Sent late, without a free connection, or with a core of its own full: each is named."""
    assert "20 ms late" in outcome(ROW, lag=0.020).doubts()[0]
    assert "1 requests waited" in outcome(ROW, ROW, waited=1).doubts()[0]
    assert "97% of a core" in outcome(ROW, busy=0.97).doubts()[0]
    assert "waited for one 50% of the time" in outcome(ROW, busy=0.45)._replace(starved=0.5).doubts()[0]


def test_lag_that_makes_the_figure_is_doubted_however_short() -> None:
    """Half of 8 ms is; the same lag is nothing beside replies that take a second."""
    assert "p99 would be 4.0 ms, not 8.0 ms" in outcome((1.0, 0.008, 200), lag=0.004).doubts()[0]
    assert outcome((1.0, 1.0, 200), lag=0.004).doubts() == []


def test_outcomes_of_several_drivers_are_one() -> None:
    """In the order in which requests were due; the worst driver speaks for all; unknown stages are gaps."""
    stages = {"wait": np.array([7], np.float32)}
    first = outcome((0, 0.1, 200), (2, 0.3, 503), busy=0.2)
    second = outcome((1, 0.2, 200), busy=0.4)._replace(starved=0.3, stages=stages)
    seen = merged([first, second])
    assert (seen.due.tolist(), seen.latency.tolist(), seen.status.tolist()) == (
        [0, 1, 2],
        [0.1, 0.2, 0.3],
        [200, 200, 503],
    )
    assert (seen.busy, seen.starved) == (0.4, 0.3)
    assert np.isnan(seen.stages["wait"]).tolist() == [True, False, True]
    assert seen.between(1, 2).stages["wait"].tolist() == [7]
