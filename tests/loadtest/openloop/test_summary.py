"""An open-loop run in figures."""

import pytest

from loadtest.openloop.outcome import CLOSED, LATE
from loadtest.openloop.summary import line, normal_again, summary
from tests.loadtest.openloop.outcomes import outcome


def test_rates_and_latencies_of_a_part() -> None:
    """Refusals have latencies of their own, failures count among the accepted, an answer counts where it ended."""
    seen = summary(outcome((0.0, 0.1, 200), (0.5, 0.2, 200), (1.0, 0.9, 504), (1.5, 0.001, 503), (1.9, 0.2, 200)), 0, 2)
    assert (seen.offered_per_s, seen.answered_per_s, seen.refused_per_s) == (2.5, 1.0, 0.5)
    assert seen.statuses == {"504": 1, "503": 1, "200": 3}
    assert seen.failed == 1
    assert (seen.p50_ms, seen.p99_ms, seen.max_ms) == (200, 900, 900)
    assert (seen.p90_ms, seen.p95_ms, seen.p999_ms, seen.mean_ms) == (900, 900, 900, 350)
    assert (seen.refused_p50_ms, seen.refused_p99_ms) == (1, 1)


def test_part_without_requests_has_no_latencies() -> None:
    """None, not zero."""
    seen = summary(outcome((0.0, 0.1, 200)), 5, 6)
    assert (seen.p50_ms, seen.p99_ms, seen.refused_p99_ms, seen.statuses) == (None, None, None, {})


def test_requests_without_a_reply_say_why() -> None:
    """A closed connection is something else than silence; both are failures."""
    seen = summary(outcome((0.0, 0.1, CLOSED), (0.1, 9.0, LATE)), 0, 1)
    assert seen.statuses == {"no reply": 1, "connection refused or closed": 1}
    assert seen.failed == 2


def test_line_has_a_value_for_each_second() -> None:
    """Offered and latencies by when a request was due, what became of it by when that was."""
    seen = line(outcome((0.2, 1.0, 200), (1.2, 0.001, 503), (1.3, 0.5, 504), (2.5, 0.1, 200)), 3)
    assert seen.offered == [1, 2, 1]
    assert seen.answered == [0, 1, 1]
    assert (seen.refused, seen.failed) == ([0, 1, 0], [0, 1, 0])
    assert seen.p50_ms == [1000, 500, 100]
    assert seen.refused_p99_ms == [None, 1, None]


def test_normal_again_is_when_the_median_of_a_second_is() -> None:
    """Slow answers until 3 s after the disturbance, quick ones then."""
    rows = [(second / 10, 2.0 if second < 80 else 0.1, 200) for second in range(200)]
    assert normal_again(outcome(*rows), 5.0, 0.15) == pytest.approx(2.5, abs=0.2)  # half of the window is quick
    assert normal_again(outcome(*rows), 9.0, 0.15) == 0


def test_refusals_are_not_normal() -> None:
    """However quickly they come."""
    rows = [(second / 10, 0.001, 503) for second in range(100)]
    assert normal_again(outcome(*rows), 0.0, 0.15) is None
