"""Telling a dead Triton from a busy one, by inferences."""

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from standalone.inference import Triton
from standalone.triton import TritonServer
from standalone.watch import InferenceWatch as Watch
from tests.standalone.tiny_models import TAGS_CONFIG, slow_model, tags_model, write_model
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
    """A Triton with a model that takes about a hundredth of a second per request, and a fast one."""
    repository: Path = tmp_path_factory.mktemp("repository")
    write_model(repository, SLOW_CONFIG, slow_model())
    write_model(repository, TAGS_CONFIG, tags_model())
    with TritonServer(repository) as server:
        yield server


def _watch(server: TritonServer, deadline: float, hang: float, *models: str) -> Watch:
    triton = Triton(server.grpc_address)
    assert triton.is_ready(models, deadline=5)
    return Watch(triton, models, time.monotonic, interval=0, deadline=deadline, hang=hang)


@contextlib.contextmanager
def _stopped(server: TritonServer, model: str) -> Iterator[None]:
    """Stop the process that runs a model, and let it go on afterwards."""
    (stub,) = [pid for pid in server.stub_pids if f"models/{model}" in Path(f"/proc/{pid}/cmdline").read_text()]
    os.kill(stub, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(stub, signal.SIGCONT)


def _first_fault(watch: Watch, seconds: float) -> str | None:
    """Return the first fault within a time."""
    limit = time.monotonic() + seconds
    while (fault := watch.fault()) is None and time.monotonic() < limit:
        time.sleep(0.01)
    return fault


def test_a_queue_that_moves_is_no_fault(server: TritonServer) -> None:
    """Inferences that come too late because others are served first do not restart a server that works."""
    with Client(server.grpc_address) as client:
        calls = [client.start("slow", {"x": ROW}) for _ in range(250)]
        calls[0].result()  # the connection is made, and the others wait in Triton's queue
        watch = _watch(server, 0.3, 0.6, "slow")
        with pytest.raises(grpc.RpcError, match="Deadline Exceeded"):
            client.stub.ModelInfer(request("slow", {"x": ROW}), timeout=0.1)
        while not calls[-1].done():
            assert watch.fault() is None
            time.sleep(0.01)
        assert all(call.code() is grpc.StatusCode.OK for call in calls)


def test_late_answers_alone_are_no_fault(server: TritonServer) -> None:
    """A batch that was there first may take longer than several of them: what counts is how long nothing ends."""
    watch = _watch(server, 0.1, 30, "slow")
    with _stopped(server, "slow"):
        assert _first_fault(watch, 0.5) is None


@pytest.mark.parametrize("models", [("slow",), ("slow", "tags")])
def test_a_model_that_hangs_is_a_fault(server: TritonServer, models: tuple[str, ...]) -> None:
    """A stub that is stopped answers nothing. That Triton is ready and other models answer is no sign of its life."""
    watch = _watch(server, 0.1, 0.5, *models)
    with _stopped(server, "slow"):
        fault = _first_fault(watch, 10)
    assert fault
    assert re.fullmatch(r"slow: no answer for 0\.[5-9] s", fault)
