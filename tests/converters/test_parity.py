"""Parity: every kind of difference is found, and its question named."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from converters.errors import ParityError
from converters.parity import Ranking, compare_rankings

CLASSES = np.array([10, 20, 30])
ROW = [0.2, 0.5, 0.1]


def _reference(texts: Sequence[str]) -> NDArray[Any]:
    return np.array([ROW] * len(texts))


def _exported(ids: list[int], probabilities: list[float]) -> Any:
    def run(texts: Sequence[str]) -> Ranking:
        good: tuple[list[int], list[float]] = ([20, 10], [0.5, 0.2])
        rows = [(ids, probabilities) if text == "bad" else good for text in texts]
        return np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=np.float32)

    return run


def test_agreement_is_measured() -> None:
    """Differences within the tolerance pass and are reported."""
    parity = compare_rankings({"a": "", "b": "bad"}, _reference, _exported([20, 10], [0.500002, 0.2]), CLASSES, 1e-5)
    assert parity.questions == 2
    assert parity.worst == "b"
    assert parity.largest_difference == pytest.approx(2e-6, rel=0.1)


@pytest.mark.parametrize(
    ("ids", "probabilities"),
    [
        ([20, 10], [0.5001, 0.2]),
        ([10, 20], [0.5, 0.2]),
        ([20, 30], [0.5, 0.1]),
        ([20, 11], [0.5, 0.2]),
        ([20, 10], [float("nan"), 0.2]),
    ],
)
def test_differences_are_refused(ids: list[int], probabilities: list[float]) -> None:
    """A wrong probability, order, entry or id, or no number at all, fails and names the question."""
    texts = {"first": "x", "culprit": "bad", "last": "y"}
    with pytest.raises(ParityError, match="culprit"):
        compare_rankings(texts, _reference, _exported(ids, probabilities), CLASSES, 1e-5)
