"""Telling a dead Triton from a busy one, by inferences."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from standalone.inference import Triton
from standalone.triton import TritonServer
from standalone.watch import InferenceWatch
from tests.standalone.tiny_models import slow_model, write_model
from tests.standalone.triton_client import Client, request

pytestmark = pytest.mark.triton

SLOW_CONFIG = """
name: "slow" backend: "onnxruntime" max_batch_size: 1
input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }
instance_group { kind: KIND_CPU count: 1 }
optimization { graph { level: 2 } }
parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
"""
ROW = np.zeros((1, 1), np.float32)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A Triton whose model takes about a hundredth of a second per request."""
    repository: Path = tmp_path_factory.mktemp("repository")
    write_model(repository, SLOW_CONFIG, slow_model())
    with TritonServer(repository) as server:
        yield server


def _watch(server: TritonServer, deadline: float) -> InferenceWatch:
    triton = Triton(server.grpc_address)
    assert triton.is_ready(["slow"], deadline=5)
    return InferenceWatch(triton, ("slow",), time.monotonic, interval=0, deadline=deadline)


def test_a_queue_that_moves_is_no_fault(server: TritonServer) -> None:
    """Inferences that come too late because others are served first do not restart a server that works."""
    with Client(server.grpc_address) as client:
        calls = [client.start("slow", {"x": ROW}) for _ in range(250)]
        calls[0].result()  # the connection is made, and the others wait in Triton's queue
        watch = _watch(server, deadline=0.3)
        with pytest.raises(grpc.RpcError, match="Deadline Exceeded"):
            client.stub.ModelInfer(request("slow", {"x": ROW}), timeout=0.1)
        while not calls[-1].done():
            assert watch.fault() is None
            time.sleep(0.01)
        assert all(call.code() is grpc.StatusCode.OK for call in calls)


def test_a_model_that_hangs_is_a_fault(server: TritonServer) -> None:
    """A stub that is stopped answers nothing, while Triton still says that it is ready."""
    watch = _watch(server, deadline=0.15)
    stub = server.stub_pids[0]
    os.kill(stub, signal.SIGSTOP)
    try:
        limit = time.monotonic() + 10
        while (fault := watch.fault()) is None:
            assert time.monotonic() < limit
            time.sleep(0.01)
    finally:
        os.kill(stub, signal.SIGCONT)
    assert fault == "slow: no answer within 0.15 s"
