"""One graph for all sources: pixels in, probabilities out."""

from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from converters.errors import ModelError
from converters.image.engines import configs
from converters.image.scenes import scenes
from converters.image.session import ImageSession
from converters.image.wrapping import normalised, wrap
from converters.model_config import check
from tests.converters.image.networks import Weights, core

KINDS: dict[str, dict[str, Any]] = {
    "torch": {},
    "keras": {"channels_last": True, "softmax": True, "normalisation": "keras-caffe"},
    "ONNX file, channels first, BGR": {"normalisation": "keras-caffe"},
    "ONNX file, channels last": {"channels_last": True, "normalisation": "keras-tf"},
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_source_answers_pixels_with_probabilities(kind: dict[str, Any]) -> None:
    """Whatever the layout, order of channels and end of the network: softmax is applied once, at any size of batch."""
    made = core(**kind)
    session = ImageSession(wrap(made, "0" * 64).SerializeToString())
    for batch in (1, 2, 3, 7, 32):
        pixels = scenes(batch)
        assert made.reference is not None
        expected = made.reference(normalised(made, pixels)).astype(np.float64)
        if not made.softmax:
            expected = np.exp(expected - expected.max(axis=1, keepdims=True))
            expected /= expected.sum(axis=1, keepdims=True)
        found = session(pixels)
        assert found.dtype == np.float32
        assert found.shape == (batch, 1000)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


def test_normalisation_is_what_each_framework_computes() -> None:
    """White, black and pure red after the rules of torchvision and of Keras' two modes."""
    white, black, red = ([255, 255, 255], [0, 0, 0], [255, 0, 0])
    pixels = np.array([white, black, red], dtype=np.uint8)[:, None, None] * np.ones((1, 224, 224, 1), dtype=np.uint8)
    torch_like = normalised(core(), pixels)[:, :, 0, 0]
    np.testing.assert_allclose(torch_like[0], (1 - np.array([0.485, 0.456, 0.406])) / [0.229, 0.224, 0.225], rtol=1e-6)
    caffe = normalised(core(channels_last=True, normalisation="keras-caffe"), pixels)[:, 0, 0]
    np.testing.assert_allclose(caffe[2], [0 - 103.939, 0 - 116.779, 255 - 123.68], rtol=1e-6)
    tf = normalised(core(channels_last=True, normalisation="keras-tf"), pixels)[:, 0, 0]
    np.testing.assert_allclose(tf[:2], [[1, 1, 1], [-1, -1, -1]])


@pytest.mark.parametrize("name", sorted(configs()))
def test_interface_is_the_one_that_every_config_promises(name: str) -> None:
    """Names, types and shapes, with a batch axis that is a symbol and no number."""
    wrapped = wrap(core(), "0" * 64)
    check(configs()[name], wrapped)
    assert wrapped.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    onnx.checker.check_model(wrapped, full_check=True)


def test_versions_share_no_names_inside() -> None:
    """A cache that is keyed by the names in a graph, as TensorRT's is, never takes one version for another."""
    first, second = (wrap(core(), fingerprint * 64) for fingerprint in "ab")
    inside = [{name for node in model.graph.node for name in node.output} for model in (first, second)]
    assert inside[0] & inside[1] == {"probabilities"}


def test_nothing_of_the_exporter_s_own_files_remains() -> None:
    """Stack traces and paths that exporters note are not published."""
    made = core()
    assert b"somebody" in made.model.SerializeToString()
    assert b"somebody" not in wrap(made, "0" * 64).SerializeToString()


def test_the_core_is_left_as_it_was() -> None:
    """Wrapping works on a copy: the core is still needed, as the reference and for other precisions."""
    made = core()
    before = made.model.SerializeToString()
    wrap(made, "0" * 64)
    assert made.model.SerializeToString() == before


def test_another_size_of_picture_is_refused() -> None:
    """A network for 299x299 pixels is named as such."""
    made = core()
    wider = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 299, 299])
    del made.model.graph.input[:]
    made.model.graph.input.append(wider)
    with pytest.raises(ModelError, match="299"):
        wrap(replace(made), "0" * 64)


def test_weights_differ_with_their_seed() -> None:
    """The fixture's own premise: two seeds are two networks."""
    assert (Weights(0).kernel != Weights(1).kernel).any()
