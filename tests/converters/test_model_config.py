"""config.pbtxt: valid for Triton's protobuf, and true to the ONNX file."""

from collections.abc import Sequence
from pathlib import Path

import onnx
import pytest
from google.protobuf import json_format, text_format
from onnx import TensorProto, helper
from tritonclient.grpc import model_config_pb2

from converters.errors import PublishError
from converters.faq.conversion import config_of
from converters.model_config import Accelerator, ModelConfig, Tensor, check, onnxruntime_threads, tensors_of


def _model(inputs: Sequence[str | int | None] = (None, 1), element: int = TensorProto.STRING) -> onnx.ModelProto:
    value = helper.make_tensor_value_info("x", element, list(inputs))
    out = helper.make_tensor_value_info("y", element, list(inputs))
    return helper.make_model(helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [out]))


def _parsed(config: ModelConfig) -> model_config_pb2.ModelConfig:
    return text_format.Parse(config.text(), model_config_pb2.ModelConfig())


X, Y = Tensor("x", "TYPE_STRING", (1,)), Tensor("y", "TYPE_FP32", (-1, 3))


def test_text_round_trips_through_tritons_protobuf() -> None:
    """What is written is what Triton reads."""
    proto = _parsed(ModelConfig("m", [X], [Y], parameters=onnxruntime_threads(2)))
    assert proto.backend == "onnxruntime"
    assert proto.parameters["intra_op_thread_count"].string_value == "2"
    assert list(proto.output[0].dims) == [-1, 3]
    assert [warmup.batch_size for warmup in proto.model_warmup] == [1, 64]


def test_without_batching_shapes_are_whole() -> None:
    """With max_batch_size 0 the batch axis is in the dims and in each warm-up's shape, and nothing is merged."""
    proto = _parsed(ModelConfig("m", [X], [Y], backend="openvino", max_batch_size=0, warmup_batches=(1, 8)))
    assert (list(proto.input[0].dims), list(proto.output[0].dims)) == ([-1, 1], [-1, -1, 3])
    assert not proto.HasField("dynamic_batching")
    assert [(warmup.batch_size, list(warmup.inputs["x"].dims)) for warmup in proto.model_warmup] == [
        (1, [1, 1]),
        (1, [8, 1]),
    ]


def test_delay_and_version_are_written_where_they_are_asked_for() -> None:
    """Neither is there by default; a model that does not batch has no queue to delay."""
    proto = _parsed(ModelConfig("m", [X], [Y], queue_delay_us=500, version=3))
    assert proto.dynamic_batching.max_queue_delay_microseconds == 500
    assert list(proto.version_policy.specific.versions) == [3]
    default = _parsed(ModelConfig("m", [X], [Y]))
    assert not default.dynamic_batching.max_queue_delay_microseconds
    assert not default.HasField("version_policy")
    assert not _parsed(ModelConfig("m", [X], [Y], max_batch_size=0, queue_delay_us=500)).HasField("dynamic_batching")


def test_json_says_what_the_file_says() -> None:
    """The model-control API takes the same config as the file."""
    config = ModelConfig("m", [X], [Y], queue_delay_us=500, accelerators=[Accelerator("openvino")])
    assert json_format.Parse(config.json(), model_config_pb2.ModelConfig()) == _parsed(config)


def test_another_writer_says_so() -> None:
    """The first line names whoever decided the settings."""
    assert ModelConfig("m", [X], [Y], "why").text("# by hand\n").splitlines()[:2] == ["# by hand", "# why"]


def test_accelerators_and_labels_are_written() -> None:
    """An execution provider stands in the list of its device with its parameters, the label file at the output."""
    accelerators = [Accelerator("openvino"), Accelerator("tensorrt", gpu=True, parameters={"precision_mode": "FP16"})]
    proto = _parsed(ModelConfig("m", [X], [Y], accelerators=accelerators, label_file="labels.txt", kind="KIND_GPU"))
    lists = proto.optimization.execution_accelerators
    assert [item.name for item in lists.cpu_execution_accelerator] == ["openvino"]
    assert [dict(item.parameters) for item in lists.gpu_execution_accelerator] == [{"precision_mode": "FP16"}]
    assert proto.output[0].label_filename == "labels.txt"
    assert proto.instance_group[0].kind == model_config_pb2.ModelInstanceGroup.KIND_GPU


@pytest.mark.parametrize("max_batch_size", [0, 8])
def test_check_knows_where_the_batch_axis_is(max_batch_size: int) -> None:
    """A config with and one without batching describe the same file; one whose dims lack the batch axis does not."""
    tensors = tensors_of(_model().graph.input), tensors_of(_model().graph.output)
    text = ModelConfig("m", *tensors, max_batch_size=max_batch_size).text()
    check(text, _model())
    with pytest.raises(PublishError, match="differ"):
        check(text.replace("dims: -1\n", "").replace("max_batch_size: 8\n", ""), _model())


def test_config_of_a_model_passes_its_own_check() -> None:
    """Inputs and outputs are taken from the ONNX file."""
    check(config_of(_model()), _model())


@pytest.mark.parametrize(
    "other", [_model((None, 2)), _model(element=TensorProto.FLOAT)], ids=["another shape", "another type"]
)
def test_config_of_another_model_is_refused(other: onnx.ModelProto) -> None:
    """Shapes and types that differ from the ONNX file are found."""
    with pytest.raises(PublishError, match="differ"):
        check(config_of(_model()), other)


@pytest.mark.parametrize(
    ("model", "fault"),
    [(_model((4, 1)), "not dynamic"), (_model(()), "missing"), (_model(element=TensorProto.COMPLEX64), "type")],
)
def test_models_that_cannot_be_batched_are_refused(model: onnx.ModelProto, fault: str) -> None:
    """A fixed batch axis, a scalar and a type unknown to Triton are named."""
    with pytest.raises(PublishError, match=fault):
        tensors_of(model.graph.input)


def test_committed_config_is_what_the_sample_exports() -> None:
    """The config in the repository is the writer's, for the contract that the architecture states."""
    committed = Path(__file__).parents[2] / "model_repository" / "faq_matcher" / "config.pbtxt"
    expected = ModelConfig(
        "faq_matcher",
        [Tensor("question", "TYPE_STRING", (1,))],
        [Tensor("ids", "TYPE_INT64", (20,)), Tensor("probabilities", "TYPE_FP32", (20,))],
    )
    assert committed.read_text() == expected.text()
