"""A version folder like a published image model's, of a few kilobytes."""

import json
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper, save

CLASSES = 1000


def write_version(folder: Path, seed: int = 0, weights: str = "untrained", precision: str = "fp32") -> Path:
    """Write a model that judges images by their mean colour, and return the folder."""
    folder.mkdir(parents=True)
    save(_model(seed), folder / "model.onnx")
    lines = [f"n{number:08} class {number}" for number in range(CLASSES)]
    (folder / "labels.txt").write_text("\n".join(lines) + "\n")
    card = {
        "model": "resnet152", "version": int(folder.name), "created": "2026-11-24T23:10:00+00:00", "digest": "d1",
        "framework": "torch", "weights": weights, "precision": precision, "classes": CLASSES,
        "preprocessing": {"resize": 232, "crop": 224, "filter": "bilinear"},
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(card))
    return folder


def _model(seed: int) -> ModelProto:
    matrix = np.random.default_rng(seed).normal(0, 0.1, (3, CLASSES)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels", "axes"], ["colour"], keepdims=0),
        helper.make_node("Sub", ["colour", "middle"], ["centred"]),
        helper.make_node("MatMul", ["centred", "matrix"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    constants = {"axes": np.array([1, 2]), "middle": np.array([128.0], np.float32), "matrix": matrix}
    graph = helper.make_graph(
        nodes,
        "mean_colour",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", 224, 224, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", CLASSES])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
