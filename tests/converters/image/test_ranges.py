"""Ranges for INT8: outliers are cut off, everything else is kept."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from converters.image.ranges import find
from converters.image.scenes import scenes
from converters.image.wrapping import normalised
from tests.converters.image.networks import core


def _doubling(shape: list[int | str]) -> onnx.ModelProto:
    """A network that doubles its input, and one step on the way that computes no float."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy")
    nodes = [
        helper.make_node("Add", ["x", "x"], ["twice"]),
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Reshape", ["twice", "shape"], ["y"]),
    ]
    return helper.make_model(
        helper.make_graph(nodes, "g", [x], [y]), opset_imports=[helper.make_opsetid("", 20)], ir_version=10
    )


def test_every_float_tensor_has_its_range(tmp_path: Path) -> None:
    """Inputs, outputs and all between them, over all pictures; the model itself stays as it is."""
    model = _doubling(["n", 4])
    before = model.SerializeToString()
    batches = (np.array([[low, 0, 1, 2]], dtype=np.float32) for low in (-1, -5, 3))
    found = {name: (float(low), float(high)) for name, (low, high) in find(model, batches, tmp_path / "work").items()}
    assert found == {"x": (-5, 3), "twice": (-10, 6), "y": (-10, 6)}
    assert model.SerializeToString() == before


@pytest.mark.parametrize("size", [90_000, 1_000_000])
def test_outliers_are_cut_off(size: int, tmp_path: Path) -> None:
    """Of a million values between 0 and 1, ten at each end are let go, however large; nearly all others stay."""
    draw = np.random.default_rng(0)
    pictures = [draw.random((1, size), dtype=np.float32) for _ in range(20)]
    pictures[3][0, : size // 200_000] = 1000
    pictures[9][0, : size // 200_000] = -1000
    low, high = find(_doubling(["n", size]), iter(pictures), tmp_path / "work")["x"]
    assert 0 <= low < 1e-3
    assert 1 - 1e-3 < high <= 1


def test_small_tensors_keep_their_extremes(tmp_path: Path) -> None:
    """A hundredth of a thousandth of a few thousand values is one value: nothing is cut off."""
    made = core()
    inputs = [normalised(made, picture[None]) for picture in scenes(4)]
    found = find(made.model, iter(inputs), tmp_path / "work")["pooled"]
    pooled = find(made.model, iter(inputs[:1]), tmp_path / "work")["pooled"]
    assert found[0] <= pooled[0]
    assert found[1] >= pooled[1]
