"""Agreement: what is counted when two files answer the same pictures."""

import numpy as np
import pytest
from numpy.typing import NDArray

from converters.errors import ParityError
from converters.image.agreement import measure, refuse_below
from converters.image.core import Floats
from converters.image.image_folder import Photos

CLASSES = 10


def _one_hot(best: NDArray[np.int64]) -> Floats:
    answer = np.full((len(best), CLASSES), 0.01, dtype=np.float32)
    answer[np.arange(len(best)), best] = 0.91
    return answer


def _first_pixel(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    return pixels[:, 0, 0, 0].astype(np.int64) % CLASSES


def _photos(classes: list[int]) -> Photos:
    pixels = np.zeros((len(classes), 1, 1, 3), dtype=np.uint8)
    pixels[:, 0, 0, 0] = np.arange(len(classes))
    return Photos(pixels, np.array(classes))


def _right(pixels: NDArray[np.uint8]) -> Floats:
    return _one_hot(_first_pixel(pixels))


def _wrong_on_nine(pixels: NDArray[np.uint8]) -> Floats:
    best = _first_pixel(pixels)
    return _one_hot(np.where(best == 9, 0, best))


def test_shares_and_differences_are_measured() -> None:
    """Ten pictures, one with another best class: 0.9 agree; the largest difference is that one's."""
    measured = measure("int8", _right, _wrong_on_nine, _photos([-1] * 10))
    assert (measured.pictures, measured.top_1) == (10, 0.9)
    assert measured.largest_probability_difference == pytest.approx(0.9)
    assert measured.top_5 == pytest.approx(1 - 0.1 / 5)
    assert (measured.labelled, measured.accuracy) == (0, None)


def test_accuracy_is_that_of_labelled_pictures() -> None:
    """Both files are judged on the pictures whose class is known, the others count for agreement alone."""
    measured = measure("int8", _right, _wrong_on_nine, _photos([0, 1, 2, -1, -1, -1, -1, -1, 7, 9]))
    assert measured.labelled == 5
    assert measured.accuracy is not None
    assert measured.accuracy["fp32"]["top_1"] == pytest.approx(4 / 5)
    assert measured.accuracy["int8"]["top_1"] == pytest.approx(3 / 5)


def test_every_size_of_batch_is_run() -> None:
    """One picture, a few, many: a file that fails at one size cannot be published."""
    sizes = []

    def watched(pixels: NDArray[np.uint8]) -> Floats:
        sizes.append(len(pixels))
        return _right(pixels)

    assert measure("fp16", watched, _right, _photos([-1] * 50)).pictures == 50
    assert {1, 2, 3, 7} <= set(sizes)
    assert sum(sizes) == 50


def test_too_little_agreement_is_refused() -> None:
    """The share, the number of pictures and the threshold are named, and how to go on."""
    measured = measure("int8", _right, _wrong_on_nine, _photos([-1] * 10))
    refuse_below(measured, 0.9)
    with pytest.raises(ParityError, match=r"0\.9000 of 10 pictures, and at least 0\.98 .*--least-agreement") as caught:
        refuse_below(measured, 0.98)
    assert "--force" in caught.value.hint


def test_answers_that_are_no_numbers_do_not_pass() -> None:
    """A file that answers NaN agrees with nothing, whatever the sorting of NaN says."""
    silent = measure("fp16", _right, lambda pixels: np.full((len(pixels), CLASSES), np.nan), _photos([-1] * 10))
    with pytest.raises(ParityError):
        refuse_below(silent, 0.0)
