"""What an ONNX model must be to classify pictures: one input, one output, and their shapes."""

from collections.abc import Sequence

import onnx

from converters.errors import ModelError
from converters.image.core import CLASSES, SIDE

_SHAPES = ([3, SIDE, SIDE], [SIDE, SIDE, 3])
_PASSING_ON = {"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Dropout"}
EXPORT_HINT = (
    "export one input and one output with a dynamic first axis: torch.onnx.export(..., "
    'dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}}); in Keras, a batch size of None'
)


def check_contract(model: onnx.ModelProto) -> None:
    """Raise ModelError unless pictures go in and 1,000 classes come out; constants among the inputs are removed.

    Shapes that the file leaves open are taken on trust here; running it tells.
    """
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer} | {
        tensor.values.name for tensor in graph.sparse_initializer
    }
    inputs = [value for value in graph.input if value.name not in constants]
    del graph.input[:]
    graph.input.extend(inputs)
    image, output = _only("input", graph.input), _only("output", graph.output)
    dims = _check_image(image)
    _check_output(output)
    for value, shape in ((image, dims), (output, [CLASSES])):
        value.CopyFrom(onnx.helper.make_tensor_value_info(value.name, onnx.TensorProto.FLOAT, ["batch", *shape]))


def _only(kind: str, values: Sequence[onnx.ValueInfoProto]) -> onnx.ValueInfoProto:
    if len(values) != 1:
        names = ", ".join(value.name[:40] for value in values[:5])
        raise ModelError(f"it has {len(values)} {kind}s ({names}), not one", hint=EXPORT_HINT)
    value = values[0]
    if (kind_of_number := value.type.tensor_type.elem_type) != onnx.TensorProto.FLOAT:
        number = onnx.TensorProto.DataType.Name(kind_of_number) if kind_of_number < 17 else kind_of_number
        raise ModelError(
            f"{kind} {value.name[:60]!r} holds {number}, not FLOAT",
            hint="export in FP32, before any quantization; --precision takes care of FP16 and INT8",
        )
    return value


def _dims(value: onnx.ValueInfoProto) -> list[int]:
    """A value's extents; -1 where it may be anything."""
    return [max(dim.dim_value, 0) or -1 for dim in value.type.tensor_type.shape.dim]


def _check_image(image: onnx.ValueInfoProto) -> list[int]:
    """The input's extents without the batch axis; those that are open become what they must be."""
    dims = _dims(image)
    fitting = [shape for shape in _SHAPES if _fits(dims[1:], shape)]
    if len(fitting) != 1:
        problem = "could be either" if fitting else "is neither"
        raise ModelError(
            f"input {image.name[:60]!r} has the shape {_written(dims)}, which {problem} [N, 3, {SIDE}, {SIDE}] or "
            f"[N, {SIDE}, {SIDE}, 3]",
            hint=f"export a classifier of {SIDE}x{SIDE} RGB pictures with its channels' place stated",
        )
    if dims[0] != -1:
        raise ModelError(f"input {image.name[:60]!r} takes exactly {dims[0]} pictures a time", hint=EXPORT_HINT)
    return fitting[0]


def _fits(dims: Sequence[int], shape: Sequence[int]) -> bool:
    return len(dims) == len(shape) and all(have in {-1, want} for have, want in zip(dims, shape, strict=True))


def _check_output(output: onnx.ValueInfoProto) -> None:
    """Raise ModelError when the output is known to be another one than [N, 1000]."""
    dims = _dims(output)
    if len(dims) != 2 or dims[1] not in {-1, CLASSES}:
        raise ModelError(
            f"output {output.name[:60]!r} has the shape {_written(dims)}, not [N, {CLASSES}]",
            hint=f"the labels are ImageNet's {CLASSES:,} classes, no others can be served",
        )


def _written(dims: Sequence[int]) -> str:
    return f"[{', '.join('?' if extent == -1 else str(extent) for extent in dims)}]"


def last_operator(graph: onnx.GraphProto) -> str:
    """The operator that computes the output, behind those that only pass values on."""
    makers = {output: node for node in graph.node for output in node.output}
    node = makers.get(graph.output[0].name)
    for _ in graph.node:  # a sound graph has no cycle; a damaged one must not hang
        if node is None or node.op_type not in _PASSING_ON:
            break
        node = makers.get(node.input[0]) if node.input else None
    return node.op_type if node is not None else ""
