"""What became of requests, and whether that can be believed."""

from loadtest.openloop.outcome import CLOSED
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
