"""The golden picture: what a ready server must recognise."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from converters.errors import ModelError
from converters.image.agreement import Run
from converters.image.image_folder import LIMITS
from converters.image.parity import best
from converters.image.scenes import scenes
from converters.image.session import BATCH
from preprocessing.image import ImageSpec, to_tensor

CANDIDATES = 32
FILE = "golden.png"


@dataclass(frozen=True)
class Golden:
    """A PNG picture of 224x224 pixels, and the class and probability that the published file gives it."""

    png: bytes
    label: int
    probability: float


def choose(run: Run, spec: ImageSpec) -> Golden:
    """Take the made picture whose best class leads the second by most: engines that round otherwise agree on it.

    Raises ModelError when no best class stands out at all: every picture gets the same probability for two classes.
    """
    files = [_png(picture) for picture in scenes(CANDIDATES)]
    tensors = np.stack([to_tensor(file, spec, LIMITS) for file in files])
    answers = np.concatenate([run(tensors[start : start + BATCH]) for start in range(0, CANDIDATES, BATCH)])
    ranked = np.take_along_axis(answers, best(answers, 2), axis=1)
    chosen = int((ranked[:, 0] / ranked[:, 1]).argmax())
    if not ranked[chosen, 0] > ranked[chosen, 1]:
        raise ModelError(
            "the network gives its two best classes the same probability on every picture",
            hint="are these the weights of a trained classifier?",
        )
    return Golden(files[chosen], int(answers[chosen].argmax()), float(ranked[chosen, 0]))


def _png(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
