"""Parity: the wrapped FP32 graph must answer as the framework's own forward pass does, at every size of batch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from converters.errors import ParityError
from converters.image.core import Core, Floats
from converters.image.scenes import scenes
from converters.image.session import BATCH, ImageSession
from converters.image.wrapping import normalised

BATCHES = (1, 2, 3, 7, 32)
TOLERANCE = 1e-4  # of the largest logit; sums of FP32 in another order stay well below
TOP = 5
_TINY = np.finfo(np.float32).tiny
_FLAT = 1e-6  # all logits nearer to one another are equal


@dataclass(frozen=True)
class Parity:
    """Differences at all `batches`: of logits, relative to the picture's largest; of probabilities.

    `identical_top_5` is the share of answers whose five best classes and their order are the reference's.
    """

    reference: str
    pictures: int
    batches: tuple[int, ...]
    largest_difference: float
    worst: str
    tolerance: float
    largest_probability_difference: float
    identical_top_5: float


def compare(core: Core, wrapped: Callable[[NDArray[np.uint8]], Floats]) -> Parity:
    """Run the framework (or, without one, the core's own file) on normalised pictures and the wrapped graph on pixels.

    Raises ParityError, naming picture and batch, when a logit or a place among the five best differs by more than the
    tolerance, and when an answer is no number.
    """
    samples = scenes(max(BATCHES))
    expected = _expected(core, samples)
    found = {batch: wrapped(samples[-batch:]) for batch in BATCHES}
    rows = [(picture, batch) for batch in BATCHES for picture in range(len(samples) - batch, len(samples))]
    stacked, wanted = np.concatenate(list(found.values())), expected[[picture for picture, _ in rows]]
    differences = _differences(wanted, stacked)
    peak = int(differences.argmax())
    worst = f"generated scene {rows[peak][0]} in a batch of {rows[peak][1]}"
    if not differences[peak] <= TOLERANCE:
        raise ParityError(
            f"the exported network's logits differ from the reference's by {differences[peak]:.3g} of the largest "
            f"(allowed {TOLERANCE:.0e}) on {worst}",
            hint="nothing was published; check the versions of onnx and onnxruntime against constraints.txt",
        )
    return Parity(
        reference=core.framework if core.reference else "the ONNX file on normalised pictures",
        pictures=len(samples),
        batches=BATCHES,
        largest_difference=float(differences[peak]),
        worst=worst,
        tolerance=TOLERANCE,
        largest_probability_difference=float(np.abs(wanted - stacked).max()),
        identical_top_5=float((best(wanted) == best(stacked)).all(axis=1).mean()),
    )


def best(probabilities: Floats, count: int = TOP) -> NDArray[np.int64]:
    """Int64 [n, count]: the likeliest classes of each row, best first; of equal ones the first."""
    return np.argsort(-probabilities, axis=1, kind="stable")[:, :count]


def _expected(core: Core, samples: NDArray[np.uint8]) -> Floats:
    """Float32 [n, 1000]: probabilities of the reference, run in pieces."""
    reference = core.reference or ImageSession(core.model.SerializeToString())
    pieces = [samples[start : start + BATCH] for start in range(0, len(samples), BATCH)]
    outputs = np.concatenate([np.asarray(reference(normalised(core, piece))) for piece in pieces])
    return outputs if core.softmax else _softmax(outputs)


def _softmax(logits: Floats) -> Floats:
    exponentials = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float32)


def _differences(expected: Floats, found: Floats) -> NDArray[np.float64]:
    """For each row the largest difference of a logit, or of the values at a place among the five best.

    Relative to the row's largest logit; logits up to a constant, which softmax does not see, are log-probabilities.
    """
    wanted, got = _centred(expected), _centred(found)
    scale = np.maximum(np.abs(wanted).max(axis=1, keepdims=True), _FLAT)
    of_logits = np.abs(wanted - got) / scale
    of_places = np.take_along_axis(wanted, best(expected), 1) - np.take_along_axis(wanted, best(found), 1)
    largest = np.maximum(of_logits.max(axis=1), (np.abs(of_places) / scale).max(axis=1))
    return np.asarray(np.nan_to_num(largest, nan=np.inf), dtype=np.float64)


def _centred(probabilities: Floats) -> NDArray[np.float64]:
    logs = np.log(np.maximum(probabilities.astype(np.float64), _TINY))
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))
