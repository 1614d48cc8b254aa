"""Options that contradict each other are refused before anything is loaded."""

from pathlib import Path
from typing import Any

import pytest

from converters.errors import ConversionError
from converters.image.options import Options, check

FILE, FOLDER = Path("net.onnx"), Path("photos")
GOOD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "random weights": {"weights": "untrained", "seed": 3},
    "Keras": {"weights": "imagenet", "framework": "keras"},
    "an ONNX file": {"onnx": FILE, "preprocess": "keras-tf", "resize": 299},
    "INT8": {"precision": "int8", "calibration": FOLDER, "weights": "mine.pth"},
    "FP16 with pictures": {"precision": "fp16", "calibration": FOLDER},
    "FP16 without": {"precision": "fp16"},
}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "file and framework": ({"onnx": FILE, "preprocess": "torch", "framework": "keras"}, "--onnx and --framework"),
    "file and weights": ({"onnx": FILE, "preprocess": "torch", "weights": "imagenet"}, "--onnx and --weights"),
    "file alone": ({"onnx": FILE}, "--onnx needs --preprocess.*keras-caffe"),
    "preprocessing without file": ({"preprocess": "torch"}, "--preprocess belongs to --onnx"),
    "resizing without file": ({"resize": 256}, "--resize belongs to --onnx"),
    "INT8 without pictures": ({"precision": "int8"}, "--precision int8 needs --calibration"),
    "pictures without precision": ({"calibration": FOLDER}, "--calibration is for --precision int8 and fp16"),
    "unknown framework": ({"framework": "caffe"}, "--framework caffe"),
    "unknown precision": ({"precision": "int4"}, "--precision int4"),
    "unknown preprocessing": ({"onnx": FILE, "preprocess": "mine"}, "--preprocess mine"),
}


@pytest.mark.parametrize("given", GOOD.values(), ids=GOOD)
def test_options_that_go_together_pass(given: dict[str, Any]) -> None:
    """What can be done is not refused."""
    check(Options(**given))


@pytest.mark.parametrize(("given", "fault"), BAD.values(), ids=BAD)
def test_contradictions_are_named(given: dict[str, Any], fault: str) -> None:
    """One line names the options."""
    with pytest.raises(ConversionError, match=fault):
        check(Options(**given))


def test_the_network_comes_from_one_place() -> None:
    """PyTorch unless another framework or a file is named."""
    sources = [Options().source, Options(framework="keras").source, Options(onnx=FILE).source]
    assert sources == ["torch", "keras", "onnx"]


@pytest.mark.parametrize(
    ("given", "nothing"),
    [({}, True), ({"force": True, "cores": 8}, True), ({"precision": "fp16"}, False), ({"framework": "torch"}, False)],
)
def test_asking_for_nothing(given: dict[str, Any], nothing: bool) -> None:
    """`make serve` takes any good version; whoever names a framework or a precision wants that."""
    assert Options(**given).asks_for_nothing == nothing
