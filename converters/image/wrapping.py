"""One graph for all sources: pixels in, probabilities out, with normalisation and softmax inside."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper

from converters.errors import ModelError
from converters.image.core import CLASSES, SIDE, Core, Floats, Normalisation

IMAGE, PROBABILITIES, BATCH = "image", "probabilities", "batch"
_NHWC_TO_NCHW = (0, 3, 1, 2)
_Step = tuple[str, NDArray[Any] | None, dict[str, Any]]  # an operator, its constant second input, its attributes


def wrap(core: Core, fingerprint: str) -> onnx.ModelProto:
    """`image` UINT8 [batch, 224, 224, 3] RGB → `probabilities` FLOAT [batch, 1000].

    All tensors of the core are named after `fingerprint`: ONNX Runtime's TensorRT provider files its engines under a
    hash of the graph's names (tensorrt_execution_provider_utils.h, TRTGenerateId), not of its weights, so that versions
    with equal names and other weights would answer with one another's engines.

    The normalisation stays in front instead of being folded into the first convolution: the zeros with which that
    convolution pads would become other values than the mean.
    """
    model = onnx.ModelProto()
    model.CopyFrom(core.model)
    graph = model.graph
    compose.add_prefix_graph(graph, f"{fingerprint[:12]}/", inplace=True)
    _put_before(graph, _normalisation(core.normalisation, first=channels_first(core)))
    answer = [graph.output[0].name], [PROBABILITIES]
    graph.node.append(
        helper.make_node("Identity", *answer) if core.softmax else helper.make_node("Softmax", *answer, axis=1)
    )
    image = helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, [BATCH, SIDE, SIDE, 3])
    probabilities = helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, [BATCH, CLASSES])
    for values, value in ((graph.input, image), (graph.output, probabilities)):
        del values[:]
        values.append(value)
    _strip(model)
    model.producer_name, model.producer_version = "realtime-scoring", ""
    return model


def channels_first(core: Core) -> bool:
    """Whether the core reads [batch, 3, 224, 224] and not [batch, 224, 224, 3]; ModelError when neither."""
    dims = [dim.dim_value for dim in core.model.graph.input[0].type.tensor_type.shape.dim][1:]
    if dims not in ([3, SIDE, SIDE], [SIDE, SIDE, 3]):
        raise ModelError(
            f"the network reads pictures of shape {dims}, not [3, {SIDE}, {SIDE}] or [{SIDE}, {SIDE}, 3]",
            hint=f"export it for pictures of {SIDE}x{SIDE} pixels",
        )
    return dims[0] == 3


def normalised(core: Core, pixels: NDArray[np.uint8]) -> Floats:
    """What the graph computes in front of the core, by numpy: uint8 [n, 224, 224, 3] RGB → the core's input."""
    values = core.normalisation(pixels)
    return np.ascontiguousarray(values.transpose(_NHWC_TO_NCHW) if channels_first(core) else values)


def _normalisation(rule: Normalisation, *, first: bool) -> list[_Step]:
    """The steps from pixels to the core's input; `first` says that it has its channels first.

    Cast comes first: TensorRT knows uint8 as a network's input alone, and only where it is cast at once. Constants have
    shapes with which ONNX Runtime works on whole rows: with three values for each pixel it took 40 times as long.
    """
    shape = (3, 1, 1) if first else (SIDE, 3)
    steps: list[_Step] = [("Cast", None, {"to": TensorProto.FLOAT})]
    if first:
        steps.append(("Transpose", None, {"perm": _NHWC_TO_NCHW}))
    if rule.bgr:
        steps.append(("Gather", np.array([2, 1, 0]), {"axis": 1 if first else 3}))
    for operator, values, neutral in (("Sub", rule.mean, 0), ("Div", rule.std, 1)):
        if any(value != neutral for value in values):
            constant = np.array(values, dtype=np.float32)
            steps.append((operator, np.broadcast_to(constant.reshape(3, 1, 1) if first else constant, shape), {}))
    return steps


def _put_before(graph: onnx.GraphProto, steps: Sequence[_Step]) -> None:
    """Chain the steps from `image` to the graph's input."""
    source, value = graph.input[0].name, IMAGE
    for position, (operator, constant, attributes) in enumerate(steps):
        result = source if position == len(steps) - 1 else f"{source}/{operator}"
        inputs = [value]
        if constant is not None:
            inputs.append(f"{source}/{operator}/constant")
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(constant), inputs[1]))
        graph.node.insert(position, helper.make_node(operator, inputs, [result], **attributes))
        value = result


def _strip(model: onnx.ModelProto) -> None:
    """Take out what exporters note about their own sources: names of files and lines of code."""
    graph = model.graph
    described: Iterable[Any] = (model, graph, *graph.node, *graph.initializer, *graph.value_info)
    for part in described:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
