"""Takes a user's ONNX file in, in a process of its own: what a hostile file breaks there, breaks nothing else.

    python -m converters.image.onnx_intake SOURCE TARGET NORMALISATION

writes TARGET, self-contained and in the operator set of the stack, and replies whether its output is probabilities.
"""

import sys
from pathlib import Path

import numpy as np
import onnx

from converters.errors import ModelError
from converters.image.core import NORMALISATIONS, Floats, Normalisation
from converters.image.isolation import reply
from converters.image.onnx_check import converted, read
from converters.image.onnx_contract import check_contract, last_operator
from converters.image.onnx_trial import same, try_out
from converters.image.pictures import pictures

_SPARE_BYTES = 4 * 2**30
_COPIES = 8  # of the weights at a time: parsed, converted and serialized, twice in ONNX Runtime


def take_in(source: Path, normalisation: Normalisation) -> tuple[onnx.ModelProto, bool]:
    """The checked and converted model, and whether its output is probabilities; raises ModelError."""
    original = read(source)
    check_contract(original)
    if last_operator(original.graph) == "Sigmoid":
        raise ModelError(
            "it ends in Sigmoid: its classes do not exclude one another",
            hint="serve a classifier that ends in logits or Softmax",
        )
    model = converted(original)
    images = _images(model, normalisation)
    trial = try_out(model, images)
    if last_operator(model.graph) == "Softmax" and not trial.softmax:
        raise ModelError("its Softmax is not over the classes: its answers do not sum to 1", hint="use axis=1")
    if model is not original and not same(trial.answers, try_out(original, images).answers):
        raise ModelError("converted to another operator set it answers otherwise", hint="export with opset_version=20")
    return model, trial.softmax


def _images(model: onnx.ModelProto, normalisation: Normalisation) -> Floats:
    """Three pictures as the model reads them."""
    images = normalisation(pictures(3))
    first = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value == 3
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if first else images


def _memory(source: Path) -> int:
    """Bytes that a file may ask for: what its size explains, and what ONNX Runtime needs of its own."""
    beside = sum(path.stat().st_size for path in source.parent.glob("*") if path.is_file())
    return _SPARE_BYTES + _COPIES * min(beside, 2**32)


def main(source: Path, target: str, normalisation: str) -> None:
    """Do what the head of this module says."""

    def work() -> bool:
        model, softmax = take_in(source, NORMALISATIONS[normalisation])
        onnx.save(model, target)
        return softmax

    reply(work, _memory(source))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
