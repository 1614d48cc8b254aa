"""The parts of an ONNX model, wherever they are: in the graph, its sub-graphs, attributes and functions."""

from collections.abc import Iterator
from typing import Any, TypeVar

import onnx

Part = TypeVar("Part", onnx.NodeProto, onnx.TensorProto)


def parts(message: Any, kind: type[Part]) -> Iterator[Part]:
    """Yield all parts of one kind, the outer ones first."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for part in value if field.is_repeated else [value]:
            if isinstance(part, kind):
                yield part
            if not isinstance(part, onnx.TensorProto):
                yield from parts(part, kind)


def drop_unused_domains(model: onnx.ModelProto) -> None:
    """Take out operator sets that are declared but not used: other runtimes may not know them."""
    used = {node.domain or "ai.onnx" for node in parts(model, onnx.NodeProto)}
    needed = [item for item in model.opset_import if (item.domain or "ai.onnx") in used]
    del model.opset_import[:]
    model.opset_import.extend(needed)
