"""Tiny classifiers of 224x224 pictures with 1,000 classes: what a source hands to the publisher, made in a moment."""

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.datasets import load_sample_images

from converters.image.core import IR_VERSION, NORMALISATIONS, OPSET, Core, Floats
from converters.image.scenes import scenes
from preprocessing.image import ImageSpec

CHANNELS = 16


class Weights:
    """Random weights with which different pictures get different classes: logits are centred on generated ones."""

    def __init__(self, seed: int = 0) -> None:
        draw = np.random.default_rng(seed)
        self.kernel = (draw.normal(0, 1, (CHANNELS, 3, 16, 16)) / 16).astype(np.float32)
        self.bias = draw.normal(0, 1, CHANNELS).astype(np.float32)
        self.head = draw.normal(0, 1, (1000, CHANNELS)).astype(np.float32)
        seen = NORMALISATIONS["torch"](scenes(16, seed=1)).transpose(0, 3, 1, 2)
        self.centre = self.features(np.ascontiguousarray(seen)).mean(axis=0)
        self.scale = np.float32(4)

    def features(self, images: Floats) -> Floats:
        """[n, 3, 224, 224] → [n, channels]: a convolution, ReLU, the mean over the picture."""
        kernel, bias = torch.from_numpy(self.kernel), torch.from_numpy(self.bias)
        hidden = torch.relu(torch.nn.functional.conv2d(torch.from_numpy(images), kernel, bias, stride=16))
        return np.asarray(hidden.mean(dim=(2, 3)).numpy(), dtype=np.float32)

    def logits(self, images: Floats) -> Floats:
        """[n, 3, 224, 224] → [n, 1000]."""
        return np.asarray((self.features(images) - self.centre) @ (self.head.T * self.scale), dtype=np.float32)


def core(
    weights: Weights | None = None,
    *,
    channels_last: bool = False,
    softmax: bool = False,
    normalisation: str = "torch",
    framework: str = "torch",
    name: str = "untrained",
) -> Core:
    """A core around `Weights`, whose reference is computed by torch."""
    used = weights or Weights()

    def reference(images: Floats) -> Floats:
        logits = used.logits(np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if channels_last else images)
        return torch.softmax(torch.from_numpy(logits), 1).numpy() if softmax else logits

    model = graph(used, channels_last=channels_last, softmax=softmax)
    return Core(model, NORMALISATIONS[normalisation], softmax, ImageSpec(232), framework, name, reference)


def graph(weights: Weights, *, channels_last: bool = False, softmax: bool = False) -> onnx.ModelProto:
    """The ONNX graph of `Weights`; its tensors have the names of the wrapper's own, which must not clash."""
    shape = [224, 224, 3] if channels_last else [3, 224, 224]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *shape])
    out = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 1000])
    nodes = [helper.make_node("Transpose", ["image"], ["nchw"], perm=[0, 3, 1, 2])] if channels_last else []
    nodes += [
        helper.make_node("Conv", ["nchw" if channels_last else "image", "kernel", "bias"], ["conv"], strides=[16, 16]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("GlobalAveragePool", ["relu"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "head", "offset"], ["logits" if softmax else "probabilities"], transB=1),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    head = weights.head * weights.scale
    tensors = {"kernel": weights.kernel, "bias": weights.bias, "head": head, "offset": -(weights.centre @ head.T)}
    initializers = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in tensors.items()]
    made = helper.make_graph(nodes, "tiny", [image], [out], initializers)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    for node in model.graph.node:
        node.metadata_props.add(key="stack_trace", value='File "/home/somebody/secret.py"')
    return model


def save_photos(folder: Path, count: int, wnids: tuple[str, ...] = ()) -> None:
    """Write `count` JPEG files: crops of scikit-learn's two photos in turn with generated pictures."""
    draw = np.random.default_rng(7)
    photos, made = load_sample_images().images, scenes(count)
    for number in range(count):
        pixels = made[number] if number % 3 == 2 else _crop(photos[number % 3 % 2], draw)
        place = folder / wnids[number % len(wnids)] if wnids else folder
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{number:03}.jpg", quality=90)


def _crop(photo: NDArray[np.uint8], draw: np.random.Generator) -> NDArray[np.uint8]:
    side = int(draw.integers(120, 400))
    top, left = (int(draw.integers(0, extent - side)) for extent in photo.shape[:2])
    return photo[top : top + side, left : left + side]
