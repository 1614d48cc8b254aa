"""Latencies as HDR histograms."""

import numpy as np
import pytest

from loadtest.openloop.histogram import decoded, encoded


def test_histogram_keeps_three_digits() -> None:
    """Percentiles, count and longest latency come back, in microseconds."""
    latencies = np.random.default_rng(0).exponential(0.02, 10_000)
    seen = decoded(encoded(latencies))
    assert seen.get_total_count() == 10_000
    for percent in (50, 99, 99.9, 100):
        assert seen.get_value_at_percentile(percent) == pytest.approx(
            np.percentile(latencies, percent) * 1e6, rel=0.005
        )


def test_histograms_of_two_runs_can_be_added() -> None:
    """All have the same layout, an empty one included."""
    one, none = encoded(np.full(3, 0.010)), encoded(np.array([]))
    total = decoded(one)
    assert (total.add(decoded(one)), total.add(decoded(none))) == (None, None)
    assert total.get_total_count() == 6


def test_longest_latencies_are_not_dropped() -> None:
    """An hour stands for anything beyond."""
    assert decoded(encoded(np.array([1e9]))).get_max_value() == pytest.approx(3.6e9, rel=0.001)
