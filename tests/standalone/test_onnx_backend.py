"""The onnxruntime backend inside the real Triton: what goes in, what comes out, what happens to faulty requests."""

from collections.abc import Iterator

import grpc
import numpy as np
import pytest

from standalone.triton import TritonServer
from tests.standalone.tiny_models import (
    TAGS_CONFIG,
    arithmetic_model,
    table_model,
    tags_model,
    transpose_model,
    write_model,
)
from tests.standalone.triton_client import Client, decode

pytestmark = pytest.mark.triton

ARITHMETIC_CONFIG = """
name: "arithmetic" backend: "onnxruntime" max_batch_size: 16
input { name: "a" data_type: TYPE_FP32 dims: [ 3 ] }
input { name: "b" data_type: TYPE_FP32 dims: [ 3 ] }
output { name: "sum" data_type: TYPE_FP32 dims: [ 3 ] }
output { name: "product" data_type: TYPE_FP32 dims: [ 3 ] }
instance_group { kind: KIND_CPU count: 1 }
parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
parameters { key: "memory.enable_memory_arena_shrinkage" value: { string_value: "cpu:0" } }
"""
# A queue delay long enough to find the requests of a test together.
TABLE_CONFIG = """
name: "table" backend: "onnxruntime" max_batch_size: 4
dynamic_batching { preferred_batch_size: [ 4 ] max_queue_delay_microseconds: 2000000 }
input { name: "index" data_type: TYPE_INT64 dims: [ 1 ] }
output { name: "entry" data_type: TYPE_FP32 dims: [ 1 ] }
instance_group { kind: KIND_CPU count: 1 }
"""
TRANSPOSE_CONFIG = """
name: "transpose" backend: "onnxruntime" max_batch_size: 0
input { name: "matrix" data_type: TYPE_FP32 dims: [ 2, 3 ] }
output { name: "turned" data_type: TYPE_FP32 dims: [ 3, 2 ] }
instance_group { kind: KIND_CPU count: 1 }
"""


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A Triton with one model per kind of behaviour."""
    repository = tmp_path_factory.mktemp("repository")
    write_model(repository, TAGS_CONFIG, tags_model())
    write_model(repository, ARITHMETIC_CONFIG, arithmetic_model())
    write_model(repository, TABLE_CONFIG, table_model())
    write_model(repository, TRANSPOSE_CONFIG, transpose_model())
    with TritonServer(repository) as server, Client(server.grpc_address) as client:
        yield client


def test_text_reaches_the_model_as_text(triton: Client) -> None:
    """Words of any alphabet arrive as they were sent, and come back so."""
    texts = ["array", "é", "b'array'", "", "日本語 🙂"]
    reply = triton.infer("tags", {"text": [text.encode() for text in texts]})
    assert reply["code"].tolist() == [[1], [2], [0], [0], [0]]
    assert [text.decode() for text in reply["echo"]] == texts


def test_numbers_are_computed_per_row(triton: Client) -> None:
    """Every input row gives its own output row."""
    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    reply = triton.infer("arithmetic", {"a": a, "b": a + 1})
    np.testing.assert_array_equal(reply["sum"], a + a + 1)
    np.testing.assert_array_equal(reply["product"], a * (a + 1))


def test_only_requested_outputs_are_returned(triton: Client) -> None:
    """A client that asks for one output gets that one."""
    row = np.ones((1, 3), np.float32)
    assert set(triton.infer("arithmetic", {"a": row, "b": row}, ["product"])) == {"product"}


def test_requests_of_a_batch_are_run_together_and_told_apart(triton: Client) -> None:
    """Four requests become one run of four rows, and each client gets its own row."""
    calls = [triton.start("table", {"index": np.array([[index]])}) for index in (3, 1, 4, 2)]
    assert [decode(call.result())["entry"].item() for call in calls] == [30, 10, 40, 20]
    assert 4 in triton.batch_sizes("table")


def test_a_faulty_request_does_not_fail_its_batch(triton: Client) -> None:
    """The run of a batch that one row breaks is repeated per request: only that one gets an error."""
    calls = [triton.start("table", {"index": np.array([[index]])}) for index in (3, 99, 4, 2)]
    assert [call.code() for call in calls] == [
        grpc.StatusCode.OK,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.OK,
        grpc.StatusCode.OK,
    ]
    assert "99" in calls[1].details()
    assert [decode(calls[n].result())["entry"].item() for n in (0, 2, 3)] == [30, 40, 20]


def test_text_that_is_not_utf8_is_refused_without_repeating_it(triton: Client) -> None:
    """Such a request is its sender's fault, and its bytes appear in no message."""
    with pytest.raises(grpc.RpcError) as error:
        triton.infer("tags", {"text": [b"array", b"secret \xff"]})
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details() == "input 'text' is not valid UTF-8"


def test_a_model_without_batch_axis_is_served(triton: Client) -> None:
    """With max_batch_size 0 the tensors are the model's own."""
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(triton.infer("transpose", {"matrix": matrix})["turned"], matrix.T)
