"""When requests are due."""

import numpy as np
import pytest

from loadtest.openloop.schedule import Phase, constant, poisson

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
