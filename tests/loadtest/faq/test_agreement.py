"""All contenders must give the model's own answer."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper, save

from loadtest.errors import LoadTestError
from loadtest.faq.agreement import ask_http, ask_triton, check
from loadtest.processes import free_ports
from tests.loadtest.http_server import ScriptedServer


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model that answers every question with the ids 3, 1, 2, 9."""
    ids = numpy_helper.from_array(np.array([[3, 1, 2, 9]], np.int64))
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["ids"], value=ids)],
        "constant",
        [helper.make_tensor_value_info("question", TensorProto.STRING, ["N", 1])],
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, 4])],
    )
    path = tmp_path / "model.onnx"
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
    return path


def test_contender_that_answers_otherwise_is_named(model: Path) -> None:
    """Another order is another answer; the one that agrees is not blamed."""
    contenders = {"right": lambda asked: [[3, 1, 2]] * len(asked), "wrong": lambda asked: [[3, 1, 2], [1, 3, 2]]}
    with pytest.raises(LoadTestError, match="wrong answers 1 of 2 questions"):
        check(["one", "two"], model, contenders)


def test_answers_over_http_are_compared(model: Path, server: ScriptedServer) -> None:
    """The ids of a real reply agree with the model's."""
    check(["one", "two"], model, {"http": lambda asked: ask_http(server.url, asked)})
    assert sum(server.bodies.values()) == 2


def test_refusal_is_no_answer(model: Path, server: ScriptedServer) -> None:
    """A service that fails stops the comparison, and is named."""
    with pytest.raises(LoadTestError, match="peer does not answer: HTTP Error 500"):
        check(["fail"], model, {"peer": lambda asked: ask_http(server.url, asked)})


def test_silent_triton_is_named(model: Path) -> None:
    """What gRPC says is passed on."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(LoadTestError, match=r"Triton does not answer: .*[Cc]onnect"):
        check(["one"], model, {"Triton": lambda asked: ask_triton(address, "faq_matcher", asked)})
