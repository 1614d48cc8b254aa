"""config.pbtxt: valid for Triton's protobuf, and true to the ONNX file."""

from collections.abc import Sequence
from pathlib import Path

import onnx
import pytest
from google.protobuf import text_format
from onnx import TensorProto, helper
from tritonclient.grpc import model_config_pb2

from converters.errors import PublishError
from converters.faq.conversion import config_of
from converters.model_config import ModelConfig, Tensor, check, tensors_of


def _model(inputs: Sequence[str | int | None] = (None, 1), element: int = TensorProto.STRING) -> onnx.ModelProto:
    value = helper.make_tensor_value_info("x", element, list(inputs))
    out = helper.make_tensor_value_info("y", element, list(inputs))
    return helper.make_model(helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [out]))


def test_text_round_trips_through_tritons_protobuf() -> None:
    """What is written is what Triton reads."""
    text = ModelConfig("m", [Tensor("x", "TYPE_STRING", (1,))], [Tensor("y", "TYPE_FP32", (-1, 3))], threads=2).text()
    proto = text_format.Parse(text, model_config_pb2.ModelConfig())
    assert proto.backend == "onnxruntime"
    assert proto.parameters["intra_op_thread_count"].string_value == "2"
    assert list(proto.output[0].dims) == [-1, 3]
    assert [warmup.batch_size for warmup in proto.model_warmup] == [1, 64]


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
