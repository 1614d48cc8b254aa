"""What the checks need to know of an ONNX file; its weights are let go again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from doctor.files import UnreadableError, read_bytes

LARGEST = 2**31 - 1  # bytes; Protobuf reads no larger message
_ENTRY_IDS = "entry_ids"  # a tensor of the FAQ graph: its entries' ids
_MOST_IDS = 10_000_000
_HALVES: dict[int, str] = {onnx.TensorProto.FLOAT16: "fp16", onnx.TensorProto.BFLOAT16: "bf16"}


@dataclass(frozen=True)
class Graph:
    """`interface` holds the graph's inputs and outputs alone; `weight_bytes` count tensors by their element type."""

    interface: onnx.ModelProto
    ir_version: int
    opsets: Mapping[str, int]
    operators: frozenset[str]
    weight_bytes: Mapping[int, int]
    external: frozenset[str]
    tensor_names: frozenset[str]
    entry_ids: frozenset[int] | None

    @property
    def precision(self) -> str:
        """What most of the weights are kept in: fp32, fp16, bf16 or int8."""
        if "DequantizeLinear" in self.operators or any(name.startswith("QLinear") for name in self.operators):
            return "int8"
        most = max(self.weight_bytes, key=lambda kind: self.weight_bytes[kind], default=0)
        return _HALVES.get(most, "fp32")


def read(path: Path) -> Graph:
    """Read an ONNX file. Raises UnreadableError for what is none."""
    content = read_bytes(path, LARGEST)
    if not content:
        raise UnreadableError("is empty (0 bytes)")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError:
        raise UnreadableError(f"is no ONNX model, or was cut off after {len(content):,} bytes") from None
    if not model.graph.node or not model.graph.output:
        raise UnreadableError("holds no graph: it is no ONNX model, or was cut off")
    if any(isinstance(name, bytes) for name in _names(model)):  # what Protobuf makes of such names
        raise UnreadableError("has names that are not UTF-8: it is damaged")
    return _summary(model)


def _names(model: onnx.ModelProto) -> Iterator[object]:
    graph = model.graph
    yield from (item.domain for item in model.opset_import)
    yield from (node.op_type for node in graph.node)
    yield from (value.name for value in (*graph.input, *graph.output))
    yield from (tensor.name for tensor in graph.initializer)
    yield from (
        text for tensor in graph.initializer for entry in tensor.external_data for text in (entry.key, entry.value)
    )


def _summary(model: onnx.ModelProto) -> Graph:
    graph = model.graph
    weights: dict[int, int] = {}
    for tensor in graph.initializer:
        weights[tensor.data_type] = weights.get(tensor.data_type, 0) + tensor.ByteSize()
    return Graph(
        interface=_interface(graph),
        ir_version=model.ir_version,
        opsets={item.domain or "ai.onnx": item.version for item in model.opset_import},
        operators=frozenset(node.op_type for node in graph.node),
        weight_bytes=weights,
        external=frozenset(_external(graph)),
        tensor_names=frozenset(tensor.name for tensor in graph.initializer),
        entry_ids=_entry_ids(graph),
    )


def _interface(graph: onnx.GraphProto) -> onnx.ModelProto:
    constants = {tensor.name for tensor in graph.initializer}  # old files list them among the inputs
    small = onnx.ModelProto()
    small.graph.input.extend(value for value in graph.input if value.name not in constants)
    small.graph.output.extend(graph.output)
    return small


def _external(graph: onnx.GraphProto) -> Iterator[str]:
    for tensor in graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            yield next((entry.value for entry in tensor.external_data if entry.key == "location"), "")


def _entry_ids(graph: onnx.GraphProto) -> frozenset[int] | None:
    tensor = next((each for each in graph.initializer if each.name == _ENTRY_IDS), None)
    if tensor is None or tensor.data_type != onnx.TensorProto.INT64 or tensor.ByteSize() > 8 * _MOST_IDS:
        return None
    try:
        return frozenset(np.atleast_1d(numpy_helper.to_array(tensor)).ravel().tolist())
    except (ValueError, TypeError):  # dims and data of a damaged file disagree
        return None
