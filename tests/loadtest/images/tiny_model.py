"""An image model like a published one, of a few kilobytes: it judges pictures by their mean colour."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, helper, numpy_helper, save
from PIL import Image

from converters.image import engines

CLASSES = 1000
_GOLDEN = (200, 60, 30)


def write_version(folder: Path, seed: int = 0, weights: str = "untrained", precision: str = "fp32") -> Path:
    """Write the folder of a version, whose parent has the model's name, and return it."""
    folder.mkdir(parents=True)
    save(_model(seed), folder / "model.onnx")
    labels = "".join(f"n{number:08} class {number}\n" for number in range(CLASSES))
    (folder / "labels.txt").write_text(labels)
    (folder / "golden.png").write_bytes(_golden_png())
    card = {
        "model": "resnet152", "version": int(folder.name), "created": "2026-11-24T23:10:00+00:00", "digest": "d1",
        "framework": "torch", "weights": weights, "precision": precision, "classes": CLASSES,
        "labels_sha256": hashlib.sha256(labels.encode()).hexdigest(),
        "preprocessing": {"resize": 232, "crop": 224, "filter": "bilinear"},
        "golden": _golden_answer(folder / "model.onnx"),
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(card))
    return folder


def write_repository(folder: Path) -> Path:
    """Write a repository with one version and the product's configs, and return it."""
    model = write_version(folder / "resnet152" / "1").parent
    for name, text in engines.configs(cores=2).items():
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_text(text)
    (model / "labels.txt").write_bytes((model / "1" / "labels.txt").read_bytes())
    return folder


def _golden_png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (224, 224), _GOLDEN).save(buffer, "PNG")
    return buffer.getvalue()


def _golden_answer(model: Path) -> dict[str, float]:
    image = np.broadcast_to(np.array(_GOLDEN, np.uint8), (1, 224, 224, 3))
    (probabilities,) = onnxruntime.InferenceSession(str(model)).run(None, {"image": np.ascontiguousarray(image)})
    return {"class": int(probabilities[0].argmax()), "probability": float(probabilities[0].max())}


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
