"""The onnxruntime backend refuses at load what the C++ backend refuses, and says what is wrong."""

from typing import Any

import onnxruntime
import pytest
from onnx import helper

from tests.standalone.load_states import States, load_states, parameter
from tests.standalone.tiny_models import COLUMN, FP32, Shape, onnx_model, tags_model

pytestmark = pytest.mark.triton


def config(
    inputs: str = 'name: "x" data_type: TYPE_FP32 dims: [ 1 ]',
    output: str = 'name: "y" data_type: TYPE_FP32 dims: [ 1 ]',
    extra: str = "",
    batch: int = 8,
    kind: str = "CPU",
) -> str:
    """Return a config that fits `echo()`, but for what the caller changes."""
    group = f"instance_group {{ kind: KIND_{kind} count: 1 }}"
    return f"max_batch_size: {batch} input {{ {inputs} }} output {{ {output} }} {group} {extra}"


def echo(inputs: Shape = COLUMN, outputs: Shape = COLUMN) -> Any:
    """Return a model that gives numbers back, and declares these shapes."""
    return onnx_model([helper.make_node("Identity", ["x"], ["y"])], [("x", FP32, inputs)], [("y", FP32, outputs)])


def labels() -> Any:
    """Return a model with an output of one label per row and no other axis, as scikit-learn's classifiers have it."""
    nodes = [helper.make_node("Squeeze", ["x", "axis"], ["y"])]
    return onnx_model(nodes, [("x", FP32, COLUMN)], [("y", FP32, ["N"])], axis=[1])


def sequence() -> Any:
    """Return a model whose output is a sequence, as a classifier exported with zipmap has it."""
    model = onnx_model([helper.make_node("SequenceConstruct", ["x"], ["y"])], [("x", FP32, COLUMN)], [])
    kind = helper.make_sequence_type_proto(helper.make_tensor_type_proto(FP32, COLUMN))
    model.graph.output.append(helper.make_value_info("y", kind))
    return model


def accelerator(name: str, place: str = "cpu", key: str = "", value: str = "") -> str:
    """Return an optimization that asks for an accelerator, with one parameter or none."""
    given = f'parameters {{ key: "{key}" value: "{value}" }}' if key else ""
    asked = f'{place}_execution_accelerator {{ name: "{name}" {given} }}'
    return f"optimization {{ execution_accelerators {{ {asked} }} }}"


# name: (config, model, what the reason for the refusal says)
REFUSED: dict[str, tuple[str, Any, str]] = {
    "unknown_input": (
        config(inputs='name: "z" data_type: TYPE_FP32 dims: [ 1 ]'),
        echo(),
        "unexpected inference input 'z', allowed inputs are: x",
    ),
    "input_too_many": (
        config(extra='input { name: "z" data_type: TYPE_FP32 dims: [ 1 ] }'),
        echo(),
        "configuration expects 2 inputs, model provides 1",
    ),
    "input_missing": (
        'max_batch_size: 8 output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }',
        echo(),
        "configuration expects 0 inputs, model provides 1",
    ),
    "unknown_output": (
        config(output='name: "z" data_type: TYPE_FP32 dims: [ 1 ]'),
        echo(),
        "unexpected inference output 'z', allowed outputs are: y",
    ),
    "input_type": (
        config(inputs='name: "x" data_type: TYPE_STRING dims: [ 1 ]'),
        echo(),
        "configuration expects datatype TYPE_STRING for input 'x', model provides TYPE_FP32",
    ),
    "output_type": (
        config(output='name: "y" data_type: TYPE_FP64 dims: [ 1 ]'),
        echo(),
        "configuration expects datatype TYPE_FP64 for output 'y', model provides TYPE_FP32",
    ),
    "input_size": (
        config(inputs='name: "x" data_type: TYPE_FP32 dims: [ 2 ]'),
        echo(),
        "(shape [-1, 1]) but the model configuration specifies 2 dimensions, shape [-1, 2]",
    ),
    "output_rank": (
        config(output='name: "y" data_type: TYPE_FP32 dims: [ 1, 1 ]'),
        echo(),
        "(shape [-1, 1]) but the model configuration specifies 3 dimensions, shape [-1, 1, 1]",
    ),
    "open_output_fixed": (
        config(),
        echo(["N", "M"], ["N", "M"]),
        "tensor 'y': the model expects 2 dimensions (shape [-1, -1])",
    ),
    "label_without_reshape": (config(), labels(), "the model expects 1 dimensions (shape [-1])"),
    "fixed_batch": (config(), echo([4, 1], [4, 1]), "the first dimension must be -1 (dynamic); but the shape"),
    "batch_axis_left_out": (config(batch=0), echo(), "but the model configuration specifies 1 dimensions, shape [1]"),
    "scalar": (config(output='name: "y" data_type: TYPE_FP32 dims: [ 1 ]', batch=0), echo([1], []), "is a scalar"),
    "no_tensor": (config(), sequence(), "'y' is no tensor but seq(tensor(float))"),
    "corrupt_file": (config(), b"these bytes are no ONNX model", "unable to read"),
    "empty_file": (config(), b"", "unable to read"),
    "other_file": (config(extra='default_model_filename: "weights.onnx"'), echo(), "unable to find"),
    "execution_mode": (config(extra=parameter("execution_mode", "2")), echo(), "execution_mode is 2: expected 0"),
    "threads": (
        config(extra=parameter("intra_op_thread_count", "two")),
        echo(),
        "parameter intra_op_thread_count is 'two': expected an integer",
    ),
    "arena": (
        config(extra=parameter("enable_mem_arena", "maybe")),
        echo(),
        "parameter enable_mem_arena is 'maybe': expected true or false",
    ),
    "accelerator": (config(extra=accelerator("tpu")), echo(), "unknown Execution Accelerator 'tpu' is requested"),
    "accelerator_parameter": (
        config(extra=accelerator("openvino", "cpu", "num_of_threads", "2")),
        echo(),
        "cpu_execution_accelerator 'openvino' takes no parameters",
    ),
    "gpu_accelerator_on_cpu": (
        config(extra=accelerator("tensorrt", "gpu")),
        echo(),
        "accelerator 'tensorrt' has no effect on an instance of KIND_CPU: use KIND_GPU",
    ),
    "output_missing": (
        'max_batch_size: 8 input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] }',
        echo(),
        "configuration names no output, model provides: y",
    ),
    "sequences": (config(extra="sequence_batching { }"), echo(), "configuration uses sequence_batching"),
    "ragged": (
        config(inputs='name: "x" data_type: TYPE_FP32 dims: [ 1 ] allow_ragged_batch: true'),
        echo(),
        "configuration uses allow_ragged_batch",
    ),
    "decoupled": (config(extra="model_transaction_policy { decoupled: true }"), echo(), "configuration uses decoupled"),
    "gpu": (config(kind="GPU"), echo(), "has kind KIND_GPU but no GPUs are available"),
}
if "OpenVINOExecutionProvider" not in onnxruntime.get_available_providers():
    REFUSED["openvino"] = (config(extra=accelerator("openvino")), echo(), "install onnxruntime-openvino in its place")

ACCEPTED: dict[str, tuple[str, Any]] = {
    "label_with_reshape": (
        config(output='name: "y" data_type: TYPE_FP32 dims: [ 1 ] reshape { shape: [ ] }'),
        labels(),
    ),
    "open_input_fixed": (config(), echo(inputs=["N", "M"])),
    "open_in_both": (
        config('name: "x" data_type: TYPE_FP32 dims: [ -1 ]', 'name: "y" data_type: TYPE_FP32 dims: [ -1 ]'),
        echo(["N", "M"], ["N", "M"]),
    ),
    "fewer_outputs": (
        config('name: "text" data_type: TYPE_STRING dims: [ 1 ]', 'name: "code" data_type: TYPE_INT64 dims: [ 1 ]'),
        tags_model(),
    ),
    "all_parameters": (
        config(
            extra=" ".join(
                [
                    parameter("intra_op_thread_count", "2"),
                    parameter("inter_op_thread_count", "1"),
                    parameter("execution_mode", "1"),
                    parameter("enable_mem_arena", "false"),
                    parameter("enable_mem_pattern", "0"),
                    "optimization { graph { level: 2 } }",
                ]
            )
        ),
        echo(),
    ),
}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> States:
    """State and reason of every model of the two tables."""
    cases = {name: case[:2] for name, case in REFUSED.items()} | ACCEPTED
    return load_states(tmp_path_factory.mktemp("repository"), "onnxruntime", cases)


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_its_fault(name: str, states: States) -> None:
    """A model whose config and file disagree is not served; the reason names the fault."""
    state, reason = states[name]
    assert state == "UNAVAILABLE"
    assert REFUSED[name][2] in reason


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_fits_is_served(name: str, states: States) -> None:
    """A model is served when its config says no more than its file keeps."""
    assert states[name] == ("READY", "")
