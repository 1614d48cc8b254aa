"""The openvino backend refuses at load what the C++ backend refuses, and what that one serves wrongly in silence."""

from typing import Any

import pytest
from onnx import helper

from tests.standalone.load_states import States, load_states, parameter
from tests.standalone.tiny_models import COLUMN, FP32, FP64, TEXT, Shape, onnx_model

pytestmark = pytest.mark.triton


def config(
    inputs: str = 'name: "x" data_type: TYPE_FP32 dims: [ -1, 1 ]',
    output: str = 'name: "y" data_type: TYPE_FP32 dims: [ -1, 1 ]',
    *extra: str,
    batch: int = 0,
) -> str:
    """Return a config that fits `double()`, but for what the caller changes; an empty section is left out."""
    sections = [f"{key} {{ {text} }}" for key, text in (("input", inputs), ("output", output)) if text]
    file = 'default_model_filename: "model.onnx" instance_group { kind: KIND_CPU count: 1 }'
    return " ".join([f"max_batch_size: {batch}", *sections, file, *extra])


def with_parameter(name: str, value: str) -> str:
    """Return a config that fits, with one parameter more."""
    return config() + parameter(name, value)


def double(inputs: Shape = COLUMN, outputs: Shape = COLUMN, kind: Any = FP32) -> Any:
    """Return a model that doubles numbers, and declares these shapes."""
    return onnx_model([helper.make_node("Add", ["x", "x"], ["y"])], [("x", kind, inputs)], [("y", kind, outputs)])


def texts() -> Any:
    """Return a model that gives texts back."""
    return onnx_model([helper.make_node("Identity", ["x"], ["y"])], [("x", TEXT, COLUMN)], [("y", TEXT, COLUMN)])


def total() -> Any:
    """Return a model whose output has no dimension."""
    nodes = [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)]
    return onnx_model(nodes, [("x", FP32, COLUMN)], [("y", FP32, [])])


# name: (config, model, what the reason for the refusal says)
REFUSED: dict[str, tuple[str, Any, str]] = {
    "batching": (
        config('name: "x" data_type: TYPE_FP32 dims: [ 1 ]', 'name: "y" data_type: TYPE_FP32 dims: [ 1 ]', batch=8),
        double(),
        "exactly 8 and refuse all others. Say max_batch_size: 0, put the batch axis into dims (-1 first), and let the",
    ),
    "misspelt": (
        with_parameter("NUM_STREAM", "1"),
        double(),
        "unknown parameter NUM_STREAM; the backend openvino takes: PERFORMANCE_HINT, NUM_STREAMS, INFERENCE_NUM",
    ),
    "hint": (
        with_parameter("PERFORMANCE_HINT", "fast"),
        double(),
        "parameter PERFORMANCE_HINT is 'fast': expected CUMULATIVE_THROUGHPUT, LATENCY, THROUGHPUT",
    ),
    "streams": (
        with_parameter("NUM_STREAMS", "some"),
        double(),
        "parameter NUM_STREAMS is 'some': expected AUTO, NUMA or a number",
    ),
    "threads": (
        with_parameter("INFERENCE_NUM_THREADS", "-1"),
        double(),
        "parameter INFERENCE_NUM_THREADS is '-1': expected a non-negative number",
    ),
    "no_longer_taken_by_openvino": (
        with_parameter("COMPILATION_NUM_THREADS", "1"),
        double(),
        "Unsupported property COMPILATION_NUM_THREADS by CPU plugin",
    ),
    "fp32": (with_parameter("HINT_BF16", "NO"), double(), "parameter HINT_BF16 is 'NO': expected YES"),
    "padding": (with_parameter("ENABLE_BATCH_PADDING", "1"), double(), "ENABLE_BATCH_PADDING is '1': expected NO, YES"),
    "device": (with_parameter("TARGET_DEVICE", "GPU"), double(), "parameter TARGET_DEVICE is 'GPU': expected CPU"),
    "reshape_io": (
        with_parameter("RESHAPE_IO_LAYERS", "yes"),
        double(),
        "parameter RESHAPE_IO_LAYERS is not supported by the standalone server",
    ),
    "extension": (
        with_parameter("CPU_EXTENSION_PATH", "/opt/layers.so"),
        double(),
        "parameter CPU_EXTENSION_PATH is not supported by the standalone server",
    ),
    "input_missing": (config(inputs=""), double(), "configuration expects 0 inputs, model provides 1"),
    "output_missing": (config(output=""), double(), "configuration names no output, model provides: y"),
    "unknown_input": (
        config(inputs='name: "z" data_type: TYPE_FP32 dims: [ -1, 1 ]'),
        double(),
        "unexpected inference input 'z', allowed inputs are: x",
    ),
    "unknown_output": (
        config(output='name: "z" data_type: TYPE_FP32 dims: [ -1, 1 ]'),
        double(),
        "unexpected inference output 'z', allowed outputs are: y",
    ),
    "input_type": (
        config(inputs='name: "x" data_type: TYPE_UINT8 dims: [ -1, 1 ]'),
        double(),
        "configuration expects datatype TYPE_UINT8 for input 'x', model provides TYPE_FP32",
    ),
    "output_type": (
        config(output='name: "y" data_type: TYPE_FP16 dims: [ -1, 1 ]'),
        double(),
        "configuration expects datatype TYPE_FP16 for output 'y', model provides TYPE_FP32",
    ),
    "type_unknown_to_the_backend": (
        config(
            'name: "x" data_type: TYPE_FP64 dims: [ -1, 1 ]',
            'name: "y" data_type: TYPE_FP64 dims: [ -1, 1 ]',
        ),
        double(kind=FP64),
        "model provides unsupported type f64",
    ),
    "text": (
        config(
            'name: "x" data_type: TYPE_STRING dims: [ -1, 1 ]',
            'name: "y" data_type: TYPE_STRING dims: [ -1, 1 ]',
        ),
        texts(),
        "model provides unsupported type string",
    ),
    "input_size": (
        config(inputs='name: "x" data_type: TYPE_FP32 dims: [ -1, 2 ]'),
        double(),
        "(shape [-1, 1]) but the model configuration specifies 2 dimensions, shape [-1, 2]",
    ),
    "input_opened": (
        config(inputs='name: "x" data_type: TYPE_FP32 dims: [ -1, -1 ]'),
        double(),
        "(shape [-1, 1]) but the model configuration specifies 2 dimensions, shape [-1, -1]",
    ),
    "output_size": (
        config(output='name: "y" data_type: TYPE_FP32 dims: [ -1, 2 ]'),
        double(),
        "tensor 'y': the model expects 2 dimensions (shape [-1, 1])",
    ),
    "batch_axis_left_out": (
        config(inputs='name: "x" data_type: TYPE_FP32 dims: [ 1 ]'),
        double(),
        "but the model configuration specifies 1 dimensions, shape [1]",
    ),
    "fixed_batch": (config(), double([4, 1], [4, 1]), "the model expects 2 dimensions (shape [4, 1])"),
    "scalar": (config(output='name: "y" data_type: TYPE_FP32 dims: [ 1 ]'), total(), "is a scalar"),
    "corrupt_file": (config(), b"these bytes are no ONNX model", "unable to read"),
    "empty_file": (config(), b"", "unable to read"),
    "other_file": (
        config().replace('"model.onnx"', '""'),
        double(),
        "model.xml'; another name is said with default_model_filename",
    ),
    "sequences": (config() + "sequence_batching { }", double(), "configuration uses sequence_batching"),
    "gpu": (config().replace("KIND_CPU", "KIND_MODEL"), double(), "supports only KIND_CPU"),
}

ACCEPTED: dict[str, tuple[str, Any]] = {
    "plain": (config(), double()),
    "all_parameters": (
        config()
        + " ".join(
            [
                parameter("PERFORMANCE_HINT", "latency"),
                parameter("NUM_STREAMS", "1"),
                parameter("INFERENCE_NUM_THREADS", "1"),
                parameter("HINT_BF16", "yes"),
                parameter("TARGET_DEVICE", "CPU"),
                parameter("SKIP_OV_DYNAMIC_BATCHSIZE", "YES"),
                parameter("ENABLE_BATCH_PADDING", "NO"),
                parameter("RESHAPE_IO_LAYERS", "no"),
                parameter("CPU_EXTENSION_PATH", ""),
            ]
        ),
        double(),
    ),
    "streams_auto": (with_parameter("NUM_STREAMS", "AUTO"), double()),
    "throughput": (with_parameter("PERFORMANCE_HINT", "THROUGHPUT"), double()),
    "open_sizes_fixed": (
        config('name: "x" data_type: TYPE_FP32 dims: [ -1, 3 ]', 'name: "y" data_type: TYPE_FP32 dims: [ -1, 3 ]'),
        double(["N", "M"], ["N", "M"]),
    ),
}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> States:
    """State and reason of every model of the two tables."""
    cases = {name: case[:2] for name, case in REFUSED.items()} | ACCEPTED
    return load_states(tmp_path_factory.mktemp("repository"), "openvino", cases)


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_its_fault(name: str, states: States) -> None:
    """A model whose config and file disagree, or whose parameters mean nothing, is not served; the reason says why."""
    state, reason = states[name]
    assert state == "UNAVAILABLE"
    assert REFUSED[name][2] in reason


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_fits_is_served(name: str, states: States) -> None:
    """A model is served when its config says no more than its file keeps."""
    assert states[name] == ("READY", "")
