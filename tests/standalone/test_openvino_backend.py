"""The openvino backend inside the real Triton: what goes in, what comes out, what happens to faulty requests."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from standalone.errors import StartError
from standalone.triton import TritonServer
from tests.standalone.tiny_models import arithmetic_model, pixels_model, write_model
from tests.standalone.triton_client import Client, decode

pytestmark = pytest.mark.triton

OPENVINO = 'backend: "openvino" max_batch_size: 0 default_model_filename: "model.onnx"'
# Stands for an image classifier: pixels in, the mean of each channel out, any number of images at a time.
PIXELS_CONFIG = f"""
name: "pixels" {OPENVINO}
input {{ name: "image" data_type: TYPE_UINT8 dims: [ -1, 4, 4, 3 ] }}
output {{ name: "means" data_type: TYPE_FP32 dims: [ -1, 3 ] }}
instance_group {{ kind: KIND_CPU count: 2 }}
parameters {{ key: "PERFORMANCE_HINT" value: {{ string_value: "LATENCY" }} }}
parameters {{ key: "NUM_STREAMS" value: {{ string_value: "1" }} }}
model_warmup {{
  name: "batch_2" batch_size: 1
  inputs {{ key: "image" value {{ data_type: TYPE_UINT8 dims: [ 2, 4, 4, 3 ] zero_data: true }} }}
}}
"""
ARITHMETIC_CONFIG = f"""
name: "arithmetic" {OPENVINO}
input {{ name: "b" data_type: TYPE_FP32 dims: [ -1, 3 ] }}
input {{ name: "a" data_type: TYPE_FP32 dims: [ -1, 3 ] }}
output {{ name: "sum" data_type: TYPE_FP32 dims: [ -1, 3 ] }}
output {{ name: "product" data_type: TYPE_FP32 dims: [ -1, 3 ] }}
instance_group {{ kind: KIND_CPU count: 1 }}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A Triton with one model per kind of behaviour."""
    repository: Path = tmp_path_factory.mktemp("repository")
    write_model(repository, PIXELS_CONFIG, pixels_model())
    write_model(repository, ARITHMETIC_CONFIG, arithmetic_model())
    with TritonServer(repository) as server:
        yield server


@pytest.fixture(scope="module")
def triton(server: TritonServer) -> Iterator[Client]:
    """A connection to it."""
    with Client(server.grpc_address) as client:
        yield client


@pytest.mark.parametrize("images", [1, 2, 3, 7, 16])
def test_any_number_of_images_is_answered(triton: Client, images: int) -> None:
    """One request holds as many as the gateway put together, whatever was warmed up."""
    pixels = np.random.default_rng(images).integers(0, 256, (images, 4, 4, 3), dtype=np.uint8)
    reply = triton.infer("pixels", {"image": pixels})
    np.testing.assert_allclose(reply["means"], pixels.mean((1, 2)), rtol=1e-2)  # bfloat16 where the processor has it


def test_answers_of_one_instance_are_not_overwritten_by_the_next(triton: Client) -> None:
    """OpenVINO computes into the same memory every time; what was answered is a copy."""
    grey = [np.full((4, 4, 4, 3), value, np.uint8) for value in range(0, 256, 8)]
    calls = [triton.start("pixels", {"image": pixels}) for pixels in grey]
    for pixels, call in zip(grey, calls, strict=True):
        np.testing.assert_allclose(decode(call.result())["means"], pixels.mean((1, 2)), rtol=1e-2)


def test_inputs_are_told_apart_by_name(triton: Client) -> None:
    """The order in the config is not the file's."""
    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    reply = triton.infer("arithmetic", {"b": a + 1, "a": a})
    np.testing.assert_array_equal(reply["sum"], a + a + 1)
    np.testing.assert_array_equal(reply["product"], a * (a + 1))


def test_only_requested_outputs_are_returned(triton: Client) -> None:
    """A client that asks for one output gets that one."""
    row = np.ones((1, 3), np.float32)
    assert set(triton.infer("arithmetic", {"a": row, "b": row}, ["product"])) == {"product"}


def test_a_request_that_cannot_be_computed_fails_alone_and_in_one_line(triton: Client) -> None:
    """The instance goes on; the message is OpenVINO's, without the places in its source that it came through."""
    two, three = np.ones((2, 3), np.float32), np.ones((3, 3), np.float32)
    with pytest.raises(grpc.RpcError) as error:
        triton.infer("arithmetic", {"a": two, "b": three})
    assert error.value.code() is grpc.StatusCode.INTERNAL
    message = str(error.value.details())
    assert "Exception from" not in message
    assert "\n" not in message
    assert triton.infer("arithmetic", {"a": two, "b": two})["sum"].tolist() == [[2, 2, 2], [2, 2, 2]]


def test_every_instance_is_a_process(server: TritonServer) -> None:
    """Two instances of one model and one of another make three."""
    assert len(server.stub_pids) == 3


def test_without_the_package_the_model_is_refused_with_what_to_install(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who chooses such a config where OpenVINO is missing learns how to get it."""
    write_model(tmp_path, PIXELS_CONFIG, pixels_model())
    packages = tmp_path_factory.mktemp("packages")
    (packages / "openvino.py").write_text("raise ModuleNotFoundError(\"No module named 'openvino'\")")
    monkeypatch.syspath_prepend(str(packages))
    with (
        pytest.raises(StartError, match=r"1: No module named 'openvino'.*: pip install openvino"),
        TritonServer(tmp_path),
    ):
        pass
