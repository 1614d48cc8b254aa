"""Parity: a graph that answers otherwise than its framework is found."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from converters.errors import ParityError
from converters.image.core import NORMALISATIONS, Floats
from converters.image.parity import BATCHES, best, compare
from converters.image.session import ImageSession
from converters.image.wrapping import wrap
from tests.converters.image.networks import Weights, core


def _session(*, softmax: bool = False) -> ImageSession:
    return ImageSession(wrap(core(softmax=softmax), "0" * 64).SerializeToString())


@pytest.mark.parametrize("softmax", [False, True])
def test_agreement_is_measured(softmax: bool) -> None:
    """Logits and probabilities alike are compared at all sizes of batch, and the differences are reported."""
    measured = compare(core(softmax=softmax), _session(softmax=softmax))
    assert measured.reference == "torch"
    assert measured.batches == BATCHES
    assert 0 < measured.largest_difference < 1e-4
    assert measured.identical_top_5 == 1


def test_a_file_without_framework_is_compared_with_itself() -> None:
    """The user's own file, run on normalised pictures, is the reference of the graph around it."""
    made = replace(core(), reference=None, framework="onnx")
    assert compare(made, _session()).reference == "the ONNX file on normalised pictures"


def test_another_normalisation_is_found() -> None:
    """The most common mistake in serving a classifier, wrong means, fails."""
    with pytest.raises(ParityError, match="generated scene"):
        compare(replace(core(), normalisation=NORMALISATIONS["keras-tf"]), _session())


def _swapped(answer: Floats) -> Floats:
    """Exchange the two best classes."""
    places = best(answer, 2)
    np.put_along_axis(answer, places, np.take_along_axis(answer, places[:, ::-1], 1), 1)
    return answer


def _no_number(answer: Floats) -> Floats:
    answer[-1, 3] = np.nan
    return answer


def _too_soft(answer: Floats) -> Floats:
    """Softmax twice."""
    exponentials = np.exp(answer)
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def _slightly_off(answer: Floats) -> Floats:
    answer[0, 17] *= 1.005
    return answer


@pytest.mark.parametrize("spoil", [_swapped, _no_number, _too_soft, _slightly_off])
def test_differences_are_refused(spoil: Callable[[Floats], Floats]) -> None:
    """Two exchanged classes, a value that is none, softmax applied twice, and half a percent of one probability."""
    session = _session()

    def spoilt(pixels: NDArray[np.uint8]) -> Floats:
        return spoil(session(pixels).copy())

    with pytest.raises(ParityError, match=r"allowed 1e-04"):
        compare(core(), spoilt)


def test_a_fault_at_one_size_of_batch_is_found() -> None:
    """A graph that is right for all sizes but seven is refused, and the size is named."""
    session, other = _session(), ImageSession(wrap(core(Weights(1)), "0" * 64).SerializeToString())
    with pytest.raises(ParityError, match="in a batch of 7"):
        compare(core(), lambda pixels: (other if len(pixels) == 7 else session)(pixels))


def test_equal_classes_may_change_places() -> None:
    """The five best in another order are no difference where two of them are equal but for rounding."""
    logits = np.zeros((1, 1000), dtype=np.float32)
    logits[0, [5, 6]] = 3
    tied = replace(core(), reference=lambda images: logits.repeat(len(images), axis=0))
    answer = np.exp(logits)
    answer[0, 6] *= 1 + 1e-6
    measured = compare(tied, lambda pixels: (answer / answer.sum()).repeat(len(pixels), axis=0))
    assert measured.largest_difference < 1e-6
    assert measured.identical_top_5 == 0


def test_a_network_that_knows_no_class_passes() -> None:
    """All logits equal, as in an untrained head of zeros: nothing is divided by their spread."""
    level = replace(core(), reference=lambda images: np.zeros((len(images), 1000), dtype=np.float32))
    assert compare(level, lambda pixels: np.full((len(pixels), 1000), 1e-3, dtype=np.float32)).largest_difference < 1e-4
