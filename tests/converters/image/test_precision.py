"""FP16 and INT8: the body in fewer bits, the interface and the head in FP32."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from converters.errors import ModelError
from converters.image import image_folder
from converters.image.agreement import measure
from converters.image.core import Core
from converters.image.precision import head, reduced
from converters.image.session import ImageSession
from converters.image.wrapping import wrap
from converters.progress import Silent
from preprocessing.image import ImageSpec
from tests.converters.image.networks import Weights, core, graph


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> image_folder.ImageFolder:
    """The folder, read."""
    return image_folder.read(photo_folder, ImageSpec(232), [])


def _session(made: Core) -> ImageSession:
    return ImageSession(wrap(made, "0" * 64).SerializeToString())


@pytest.mark.parametrize("kind", [{}, {"softmax": True, "channels_last": True}], ids=["logits", "probabilities"])
@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_lower_precision_answers_nearly_alike(
    precision: str, kind: dict[str, Any], photos: image_folder.ImageFolder, tmp_path: Path
) -> None:
    """Held-out pictures keep their classes, at every size of batch, and nothing is left of the files on the way."""
    low = reduced(core(**kind), precision, photos, tmp_path, Silent())
    measured = measure(precision, _session(core(**kind)), _session(low), photos.held_out)
    assert measured.pictures == 30
    assert measured.top_1 > 0.9
    assert measured.top_5 > 0.9
    assert list(tmp_path.iterdir()) == []


def test_fp16_keeps_interface_and_softmax_in_fp32(tmp_path: Path) -> None:
    """Weights are halves; pixels come in and probabilities go out as before; softmax computes in FP32."""
    made = reduced(core(softmax=True), "fp16", None, tmp_path, Silent())
    types = Counter(tensor.data_type for tensor in made.model.graph.initializer if len(tensor.dims) > 1)
    assert set(types) == {TensorProto.FLOAT16}
    operators = [node.op_type for node in made.model.graph.node]
    assert operators[operators.index("Softmax") - 1] == "Cast"
    onnx.checker.check_model(wrap(made, "0" * 64), full_check=True)


def test_int8_keeps_the_head_in_fp32(photos: image_folder.ImageFolder, tmp_path: Path) -> None:
    """Convolutions have INT8 weights, one scale a channel; the last layer's weights and its answer are FP32."""
    made = reduced(core(), "int8", photos, tmp_path, Silent())
    tensors = {tensor.name: tensor for tensor in made.model.graph.initializer}
    types = {len(tensor.dims): tensor.data_type for tensor in tensors.values() if len(tensor.dims) > 1}
    assert types == {4: TensorProto.INT8, 2: TensorProto.FLOAT}
    producers = {name: node for node in made.model.graph.node for name in node.output}
    (convolution,) = (node for node in made.model.graph.node if node.op_type == "Conv")
    scale = producers[convolution.input[1]].input[1]
    assert list(tensors[scale].dims) == [16]
    assert producers["probabilities"].op_type == "Gemm"
    assert {item.domain for item in made.model.opset_import} == {""}


def test_head_is_the_last_layer_with_weights_and_what_follows() -> None:
    """The fully connected layer and its softmax, not the pooling before them."""
    model = graph(Weights(), softmax=True)
    for node in model.graph.node:
        node.name = node.op_type
    assert head(model.graph) == ["Gemm", "Softmax"]


def test_a_network_that_cannot_be_quantized_is_named_as_such(photos: image_folder.ImageFolder, tmp_path: Path) -> None:
    """What fails inside the converters comes out as one error with a way out."""
    broken = onnx.ModelProto()
    broken.CopyFrom(core().model)
    broken.graph.node[0].op_type = "Unheard"
    with pytest.raises(ModelError, match="cannot be converted to int8") as caught:
        reduced(replace(core(), model=broken), "int8", photos, tmp_path, Silent())
    assert "fp32" in caught.value.hint


def test_calibration_uses_the_first_half_alone(photos: image_folder.ImageFolder, tmp_path: Path) -> None:
    """Pictures on which agreement is measured have no part in the ranges."""
    spoilt = photos.pixels.copy()
    spoilt[len(photos.calibration) :] = 255
    whole, half = (
        reduced(core(), "int8", folder, tmp_path, Silent()).model.SerializeToString()
        for folder in (photos, replace(photos, pixels=spoilt))
    )
    assert whole == half
    assert np.any(spoilt != photos.pixels)
