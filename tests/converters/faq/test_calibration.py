"""Calibration: what is held out, and that the probabilities mean what they say."""

import numpy as np

from converters.faq.calibration import Calibration, split


def test_split_holds_out_whole_entries_and_single_questions() -> None:
    """Every tenth entry goes as a whole; every other keeps at least its first two questions."""
    y = np.repeat(np.arange(20), 7)
    unknown, known = split(y, fold=0)
    assert set(y[unknown]) == {0, 10}
    assert unknown.sum() == 14
    assert not (unknown & known).any()
    assert set(y[known]) == set(range(20)) - {0, 10}
    first_two = np.tile(np.arange(7) < 2, 20)
    assert not (known & first_two).any()


def test_folds_hold_out_different_questions() -> None:
    """No question is held out by two folds."""
    y = np.repeat(np.arange(10), 12)
    _, first = split(y, 0)
    _, second = split(y, 1)
    assert not (first & second).any()


def test_probabilities_and_the_rest_sum_to_one() -> None:
    """Scores far below the constant leave nearly all to "no entry", scores far above nearly nothing."""
    calibration = Calibration(scale=1.0, none=5.0)
    low, high = calibration.probabilities(np.array([[0.0, 0.0], [20.0, 0.0]]))
    assert low.sum() < 0.02
    assert high.sum() > 0.99


def test_log_loss_prefers_the_right_column() -> None:
    """The loss is smaller when the labelled column has the larger score; -1 means no entry."""
    calibration, ones = Calibration(), np.ones(1)
    scores = np.array([[4.0, 1.0]])
    right, wrong, none = (calibration.log_loss(scores, np.array([label]), ones) for label in (0, 1, -1))
    assert right < none < wrong
