"""Tiny ONNX models, their Triton configs, and how they get into a model repository."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

TEXT, INT64, UINT8, FP32, FP64 = (
    TensorProto.STRING,
    TensorProto.INT64,
    TensorProto.UINT8,
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
)
Shape = Sequence[int | str]
Tensor = tuple[str, Any, Shape]
COLUMN: Shape = ["N", 1]  # any number of rows

TAGS_CONFIG = """
name: "tags" backend: "onnxruntime" max_batch_size: 64 dynamic_batching { }
input { name: "text" data_type: TYPE_STRING dims: [ 1 ] }
output { name: "code" data_type: TYPE_INT64 dims: [ 1 ] }
output { name: "echo" data_type: TYPE_STRING dims: [ 1 ] }
instance_group { kind: KIND_CPU count: 1 }
"""


def write_model(repository: Path, config: str, model: Any) -> Path:
    """Write a model, named in its config, as version 1 into a repository; return its folder."""
    name: str = re.findall(r'name: "(\w+)"', config)[0]
    folder = repository / name
    (folder / "1").mkdir(parents=True)
    (folder / "config.pbtxt").write_text(config)
    (folder / "1" / "model.onnx").write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return folder


def onnx_model(nodes: Sequence[Any], inputs: Sequence[Tensor], outputs: Sequence[Tensor], **constants: Any) -> Any:
    """Return an ONNX model of `nodes`; `constants` become initializers of these names."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(*tensor) for tensor in inputs],
        [helper.make_tensor_value_info(*tensor) for tensor in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 4)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def text_lookup(source: str, target: str, **attributes: Any) -> Any:
    """Return a node that looks texts up in a table."""
    return helper.make_node("LabelEncoder", [source], [target], domain="ai.onnx.ml", **attributes)


def tags_model() -> Any:
    """Return a model from a text to its code ("array" 1, "é" 2, others 0) and to itself."""
    codes = {"keys_strings": ["array", "é"], "values_int64s": [1, 2], "default_int64": 0}
    nodes = [text_lookup("text", "code", **codes), helper.make_node("Identity", ["text"], ["echo"])]
    return onnx_model(nodes, [("text", TEXT, COLUMN)], [("code", INT64, COLUMN), ("echo", TEXT, COLUMN)])


def arithmetic_model() -> Any:
    """Return a model from two rows of three numbers to their sum and their product."""
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Mul", ["a", "b"], ["product"])]
    rows: Shape = ["N", 3]
    return onnx_model(nodes, [("a", FP32, rows), ("b", FP32, rows)], [("sum", FP32, rows), ("product", FP32, rows)])


def table_model() -> Any:
    """Return a model that reads a table of ten entries; any other index makes the whole run fail."""
    nodes = [helper.make_node("Gather", ["table", "index"], ["entry"])]
    return onnx_model(
        nodes,
        [("index", INT64, COLUMN)],
        [("entry", FP32, COLUMN)],
        table=np.arange(10, dtype=np.float32) * 10,
    )


def transpose_model() -> Any:
    """Return a model without a batch axis."""
    nodes = [helper.make_node("Transpose", ["matrix"], ["turned"])]
    return onnx_model(nodes, [("matrix", FP32, [2, 3])], [("turned", FP32, [3, 2])])


def pixels_model() -> Any:
    """Return a model from images of 4x4 pixels to the mean of each channel."""
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=FP32),
        helper.make_node("ReduceMean", ["pixels"], ["means"], axes=[1, 2], keepdims=0),
    ]
    return onnx_model(nodes, [("image", UINT8, ["N", 4, 4, 3])], [("means", FP32, ["N", 3])])


def slow_model() -> Any:
    """Return a model that computes for about a hundredth of a second."""
    size = 500
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["left"]),
        *(helper.make_node("MatMul", ["left" if n == 0 else f"m{n - 1}", "left"], [f"m{n}"]) for n in range(4)),
        helper.make_node("ReduceSum", ["m3"], ["total"], keepdims=0),
        helper.make_node("Add", ["x", "total"], ["y"]),
    ]
    shape = np.array([size, size])
    return onnx_model(nodes, [("x", FP32, COLUMN)], [("y", FP32, COLUMN)], shape=shape)


def faq_model() -> Any:
    """Return an FAQ matcher of three entries: "array" is most like entry 1, everything else like entry 2."""
    nodes = [
        text_lookup("question", "best", keys_strings=["array"], values_int64s=[1], default_int64=2),
        text_lookup("question", "sure", keys_strings=["array"], values_floats=[0.875], default_float=0.625),
        helper.make_node("Sub", ["three", "best"], ["second"]),
        helper.make_node("Add", ["best", "second"], ["third"]),
        helper.make_node("Sub", ["one", "sure"], ["unsure"]),
        helper.make_node("Sub", ["unsure", "unsure"], ["never"]),
        helper.make_node("Concat", ["best", "second", "third"], ["ids"], axis=1),
        helper.make_node("Concat", ["sure", "unsure", "never"], ["probabilities"], axis=1),
    ]
    return onnx_model(
        nodes,
        [("question", TEXT, COLUMN)],
        [("ids", INT64, ["N", 3]), ("probabilities", FP32, ["N", 3])],
        three=np.array(3),
        one=np.array(1, np.float32),
    )
