"""When requests are due."""

import numpy as np
import pytest

from loadtest.openloop.schedule import Phase, constant, poisson, share

PHASES = [Phase(100, 20), Phase(400, 10)]


def test_phases_follow_each_other_at_their_rates() -> None:
    """Times are in order, and each phase has as many as its rate and length say."""
    due = poisson(PHASES)
    assert np.all(np.diff(due) >= 0)
    assert np.sum(due < 20) == 2000
    assert np.sum((due >= 20) & (due < 30)) == 4000
    assert due[-1] < 30


def test_gaps_of_independent_users_vary_as_much_as_they_are_long() -> None:
    """Standard deviation and mean of exponentially distributed gaps are the same; those of a clock do not vary."""
    gaps = np.diff(poisson([Phase(100, 100)]))
    assert np.std(gaps) == pytest.approx(np.mean(gaps), rel=0.1)
    assert np.std(np.diff(constant([Phase(100, 100)]))) < 1e-9


def test_constant_rate_is_exact() -> None:
    """Ten per second for two seconds are twenty, the first of them at once."""
    assert constant([Phase(10, 2), Phase(1, 1)]) == pytest.approx([*np.arange(20) / 10, 2])


def test_seed_makes_the_times() -> None:
    """The same seed gives the same times, another one others."""
    assert np.array_equal(poisson(PHASES), poisson(PHASES))
    assert not np.array_equal(poisson(PHASES)[:100], poisson(PHASES, seed=1)[:100])


def test_ramp_has_as_many_requests_as_its_mean_rate_says() -> None:
    """From 0 to 100 per second in 10 s: 500 requests, 125 of them in the first half."""
    ramp = Phase(0, 10, end=100)
    assert np.sum(constant([ramp]) < 5) == 125
    assert len(constant([ramp])) == len(poisson([ramp])) == 500
    assert np.sum(poisson([ramp]) < 5) == pytest.approx(125, rel=0.25)
    assert np.sum(constant([Phase(100, 10, end=0)]) < 5) == 375


def test_ramp_goes_on_where_the_phase_before_it_ended() -> None:
    """Gaps get shorter from those of the first rate to those of the last one; all stay within their phase."""
    due = constant([Phase(10, 10), Phase(10, 10, end=20), Phase(20, 1)])
    gaps = np.diff(due)
    assert np.all(np.diff(gaps[100:249]) < 0)
    assert (gaps[100], gaps[248]) == (pytest.approx(0.1, rel=0.01), pytest.approx(0.05, rel=0.01))
    assert [np.sum(due < until) for until in (10, 20, 21)] == [100, 250, 270]


def test_constant_phase_is_a_ramp_that_stays() -> None:
    """The same times as without an end."""
    assert np.allclose(constant([Phase(10, 3, end=10)]), constant([Phase(10, 3)]))


def test_processes_take_turns() -> None:
    """Together they send what one would, for any number of items and processes."""
    for count in range(1, 8):
        for processes in range(1, 5):
            parts = [share(range(count), place, processes) for place in range(processes)]
            assert [parts[i % processes][i // processes % len(parts[i % processes])] for i in range(50)] == [
                i % count for i in range(50)
            ]
