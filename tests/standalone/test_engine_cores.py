"""How many threads an engine gets: what its config says, or the cores that `scoring serve` gives to engines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from standalone.triton import TritonServer
from standalone.triton_command import CORES_VARIABLE
from tests.standalone.tiny_models import TAGS_CONFIG, tags_model, write_model

_THREADS = {
    "openvino": "from openvino_properties import properties; "
    "print(properties({config}).get('INFERENCE_NUM_THREADS', 0))",
    "onnxruntime": "from onnx_options import session_options; print(session_options({config}).intra_op_num_threads)",
}
_PARAMETER = {"openvino": "INFERENCE_NUM_THREADS", "onnxruntime": "intra_op_thread_count"}


def threads(backend: str, given: str | None, cores: str | None) -> int:
    """Return how many threads a backend asks its engine for, 0 when it leaves that to the engine."""
    config = {"parameters": {_PARAMETER[backend]: {"string_value": given}} if given is not None else {}}
    environ = {key: value for key, value in os.environ.items() if key != CORES_VARIABLE}
    environ |= {"PYTHONPATH": os.pathsep.join(sys.path)} | ({CORES_VARIABLE: cores} if cores is not None else {})
    code = _THREADS[backend].format(config=config)
    return int(subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True).stdout)


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_a_config_that_leaves_threads_open_gets_the_cores_of_engines(backend: str) -> None:
    """0 and nothing leave them open; a number is a number; without cores for engines the engine chooses."""
    assert threads(backend, None, "3") == 3
    assert threads(backend, "0", "3") == 3
    assert threads(backend, "2", "3") == 2
    assert threads(backend, "0", None) == 0


@pytest.mark.triton
def test_the_cores_of_engines_reach_the_process_that_runs_a_model(tmp_path: Path) -> None:
    """ONNX Runtime starts one thread less than it uses: the fourth is the caller's."""
    write_model(tmp_path, TAGS_CONFIG, tags_model())
    with TritonServer(tmp_path, engine_cores=1) as server:
        alone = _threads_of(server.stub_pids[0])
    with TritonServer(tmp_path, engine_cores=4) as server:
        assert _threads_of(server.stub_pids[0]) == alone + 3


def _threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
