"""What runs a published image model in process: ONNX Runtime on the cores of this machine."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from converters.image.core import Floats

BATCH = 8  # pictures a run, where their number is free: larger ones are no faster and need more memory


class ImageSession:
    """An ONNX file with one input and one output, whatever they are called."""

    def __init__(self, model: Path | bytes) -> None:
        self._session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: NDArray[np.uint8] | Floats) -> Floats:
        """Run one batch, [n, ...] → [n, 1000]."""
        return np.asarray(self._session.run(None, {self._input: batch})[0])
