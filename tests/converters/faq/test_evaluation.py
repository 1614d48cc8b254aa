"""Figures of an evaluation on cases small enough to check by hand."""

from pathlib import Path

import numpy as np
import pytest

from converters.faq.evaluation import evaluate, reliability
from converters.faq.evaluation_plot import plot

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.3, 0.2], [0.2, 0.3, 0.4]])


def test_figures_by_hand() -> None:
    """Ranks 1, 2, 3 and 1 give accuracies 1/2, 3/4 and 1, mean rank 7/4 and mean reciprocal rank 17/24."""
    measured = evaluate(PROBABILITIES, [0, 0, 2, 2], threshold=0.5)
    assert measured.accuracy == [0.5, 0.75, 1.0]
    assert measured.mean_rank == pytest.approx(7 / 4)
    assert measured.mean_reciprocal_rank == pytest.approx((1 + 1 / 2 + 1 / 3 + 1) / 4)
    assert measured.covered == 0.75
    assert measured.precision == pytest.approx(1 / 3)


def test_calibration_error_by_hand() -> None:
    """Two bins, one stating 0.9 and right half of the time, one stating 0.3 and never right."""
    stated, hit = np.array([0.9, 0.9, 0.3, 0.3]), np.array([True, False, False, False])
    assert sum(abs(s - r) * n for s, r, n in reliability(stated, hit)) / 4 == pytest.approx((0.4 * 2 + 0.3 * 2) / 4)


def test_perfect_probability_falls_into_the_last_bin() -> None:
    """A stated probability of exactly one is counted."""
    assert reliability(np.array([1.0]), np.array([True])) == [(1.0, 1.0, 1)]


def test_plot_is_a_picture(tmp_path: Path) -> None:
    """The plot is written as PNG."""
    plot(evaluate(PROBABILITIES, [0, 1, 0, 2], 0.5), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
