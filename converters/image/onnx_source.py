"""Any ONNX classifier of a user's, taken in through a process of its own."""

import tempfile
from pathlib import Path

import onnx

from converters.errors import ModelError
from converters.image import onnx_intake
from converters.image.core import NORMALISATIONS, Core
from converters.image.isolation import ask
from preprocessing.image import ImageSpec


def load(path: Path, preprocess: str, resize: int | None = None) -> Core:
    """The model in `path`, whose input is normalised as `preprocess` (a key of NORMALISATIONS) says.

    `resize` is the shorter side to which pictures are scaled before the middle is cut out, by default 256.
    Raises ModelError when the file is no classifier that can be served.
    """
    if preprocess not in NORMALISATIONS:
        raise ModelError(f"--preprocess {preprocess} is unknown", hint=f"take one of {', '.join(NORMALISATIONS)}")
    try:
        spec = ImageSpec() if resize is None else ImageSpec(resize=resize)
    except ValueError as reason:
        raise ModelError(
            f"--resize {resize} is impossible: {reason}", hint="256 is what most classifiers want"
        ) from reason
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "model.onnx")
        softmax = ask(onnx_intake.__name__, path, str(target), preprocess, failure=ModelError)
        model = onnx.load(target)
    return Core(model, NORMALISATIONS[preprocess], softmax, spec, framework="onnx", weights=path.name, reference=None)
