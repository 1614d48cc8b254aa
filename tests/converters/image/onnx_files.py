"""Small ONNX classifiers, good and bad: a mean over patches, a matrix, perhaps a softmax."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PIXELS = {"first": [3, 224, 224], "last": [224, 224, 3]}


def classifier(
    tail: Sequence[str] = (),
    *,
    shape: Sequence[int | str | None] = ("n", 3, 224, 224),
    output: Sequence[int | str | None] | None = ("n", 1000),
    classes: int = 1000,
    opset: int = 20,
) -> onnx.ModelProto:
    """A model that pools 32x32 patches and multiplies; `tail` are operators behind the logits."""
    draw = np.random.default_rng(0)
    channels_last = list(shape[1:]) == PIXELS["last"]
    nodes = [helper.make_node("Transpose", ["image"], ["nchw"], perm=[0, 3, 1, 2])] if channels_last else []
    nodes += [
        helper.make_node("AveragePool", [nodes[-1].output[0] if nodes else "image"], ["patches"],
                         kernel_shape=[32, 32], strides=[32, 32]),
        helper.make_node("Flatten", ["patches"], ["flat"]),
        helper.make_node("Gemm", ["flat", "kernel", "bias"], ["value0"]),
    ]  # fmt: skip
    for place, operator in enumerate(tail):
        nodes.append(_step(operator, f"value{place}", f"value{place + 1}"))
    nodes[-1].output[0] = "answers"
    kernel = draw.normal(0, 0.3, (3 * 49, classes)).astype(np.float32)
    weights = [numpy_helper.from_array(kernel, "kernel"), numpy_helper.from_array(kernel[0] * 0, "bias")]
    weights += [numpy_helper.from_array(np.array(values), name) for name, values in _CONSTANTS.items()]
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("answers", TensorProto.FLOAT, output)],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


_CONSTANTS = {"same": [0, -1], "four": [0, -1, 1, 1], "places": [2, 3], "batch": [1, 1000]}


# Name of a step -> operator, its second input, its attributes; other names are operators without either.
_STEPS: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    "Softmax": ("Softmax", None, {"axis": 1}),
    "LogSoftmax": ("LogSoftmax", None, {"axis": 1}),
    "Softmax over the batch": ("Softmax", None, {"axis": 0}),
    "Cast": ("Cast", None, {"to": TensorProto.FLOAT}),
    "Reshape": ("Reshape", "same", {}),
    "Reshape to four axes": ("Reshape", "four", {}),
    "Reshape to one picture": ("Reshape", "batch", {}),
    "Squeeze": ("Squeeze", "places", {}),
}


def _step(name: str, source: str, target: str) -> onnx.NodeProto:
    operator, constant, attributes = _STEPS.get(name, (name, None, {}))
    return helper.make_node(operator, [source, constant] if constant else [source], [target], **attributes)


def saved(model: onnx.ModelProto, folder: Path, name: str = "mine.onnx") -> Path:
    """Write a model into a folder."""
    onnx.save(model, folder / name)
    return folder / name
