"""`scoring serve` as an operator runs it: a process that starts the real stack, keeps it up and takes it down."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from standalone.commands import app
from standalone.ports import take_free
from tests.gateway.certificates import make_pair
from tests.standalone.serve_process import Serve, shared_memory, wait_for
from tests.standalone.tiny_models import TAGS_CONFIG, faq_model, pixels_model, tags_model, write_model

FAQ_CONFIG = """
name: "faq_matcher" backend: "onnxruntime" max_batch_size: 64 dynamic_batching { }
input { name: "question" data_type: TYPE_STRING dims: [ 1 ] }
output { name: "ids" data_type: TYPE_INT64 dims: [ 3 ] }
output { name: "probabilities" data_type: TYPE_FP32 dims: [ 3 ] }
instance_group { kind: KIND_CPU count: 1 }
parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
"""
IMAGE_CONFIG = """
name: "resnet152" backend: "onnxruntime" max_batch_size: 16 dynamic_batching { }
input { name: "image" data_type: TYPE_UINT8 dims: [ 4, 4, 3 ] }
output { name: "means" data_type: TYPE_FP32 dims: [ 3 ] }
instance_group { kind: KIND_CPU count: 1 }
"""
IMAGE_OPENVINO_CONFIG = """
name: "resnet152" backend: "openvino" max_batch_size: 0 default_model_filename: "model.onnx"
input { name: "image" data_type: TYPE_UINT8 dims: [ -1, 4, 4, 3 ] }
output { name: "means" data_type: TYPE_FP32 dims: [ -1, 3 ] }
instance_group { kind: KIND_CPU count: 1 }
"""


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """A folder for temporary files of its own, to see what is left in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    """A repository with an FAQ of three entries, as `scoring convert faq` lays it out."""
    version = write_model(tmp_path, FAQ_CONFIG, faq_model()) / "1"
    entries = [{"id": n, "question": f"q{n}", "answer_id": n + 10, "answer": f"a{n}"} for n in (1, 2, 3)]
    (version / "catalog.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    card = {"model": "faq_matcher", "version": 1, "created": "2026-11-23T00:00:00Z", "digest": "0" * 64, "entries": 3}
    card |= {"top_k": 3, "threshold": 0.75, "golden": {"question": "Array?", "id": 1}}
    (version / "model.json").write_text(json.dumps(card | {"calibration": {}, "libraries": {}}))
    return tmp_path


@pytest.mark.triton
@pytest.mark.skipif(shutil.which("curl") is None, reason="the line that is tried needs curl")
def test_the_stack_answers_heals_and_stops(faq: Path, temporary: Path) -> None:
    """The line it prints works, also after a model's process and the gateway were killed; SIGTERM leaves nothing."""
    with Serve(faq, temporary) as stack:
        stack.says("Try it:")
        line = re.findall(r"^  (curl .*)", stack.output, re.MULTILINE)[0]
        assert _best_match(line) == 1
        gateway = stack.child("-m gateway")

        os.kill(stack.child("triton_python_backend_stub"), signal.SIGKILL)
        stack.says("triton is ready", times=2)
        wait_for(lambda: _best_match(line) == 1, lambda: "an answer")
        assert stack.child("-m gateway") == gateway

        os.kill(gateway, signal.SIGKILL)
        stack.says("gateway is ready", times=2)
        assert _best_match(line) == 1

        assert shared_memory(temporary)
        assert stack.send(signal.SIGTERM) == 0
        assert stack.left() == []
        assert list(temporary.iterdir()) == []


def _best_match(line: str) -> int | None:
    reply = json.loads(subprocess.run(["sh", "-c", line], capture_output=True, check=True, timeout=10).stdout)
    return reply["matches"][0]["id"] if "matches" in reply else None


@pytest.mark.triton
@pytest.mark.skipif(shutil.which("curl") is None, reason="the line that is tried needs curl")
def test_the_stack_with_tls_and_workers(faq: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the environment reach the gateway: it speaks TLS, and the line that is printed speaks it too."""
    cert, key = make_pair().write(temporary)
    monkeypatch.setenv("SCORING_TLS_CERT", cert)
    monkeypatch.setenv("SCORING_TLS_KEY", key)
    monkeypatch.setenv("SCORING_WORKERS", "2")
    monkeypatch.setenv("SCORING_DRAIN_DELAY", "600")  # for balancers, of which there are none here
    with Serve(faq, temporary) as stack:
        stack.says("Try it:")
        assert f"https://127.0.0.1:{stack.ports['--port']}" in stack.output
        line = re.findall(r"^  (curl .*)", stack.output, re.MULTILINE)[0]
        assert _best_match(line) == 1
        assert stack.send(signal.SIGTERM) == 0
        assert stack.left() == []
    assert "trace_id" not in stack.output  # people read this: no line for each request, and no JSON


@pytest.mark.triton
def test_it_says_what_is_served_by_which_engine_and_what_is_not(tmp_path: Path, temporary: Path) -> None:
    """OpenVINO is taken where a model has a config for it; random weights and a model without a version are said."""
    (tmp_path / "faq_matcher").mkdir()
    (tmp_path / "faq_matcher" / "config.pbtxt").write_text(FAQ_CONFIG)
    images = write_model(tmp_path, IMAGE_CONFIG, pixels_model())
    (images / "configs").mkdir()
    (images / "configs" / "local-openvino.pbtxt").write_text(IMAGE_OPENVINO_CONFIG)
    (images / "1" / "model.json").write_text(json.dumps({"precision": "int8", "weights": "untrained"}))
    with Serve(tmp_path, temporary, "--triton-only") as stack:
        stack.says("Triton is ready")
        stack.says("scoring | resnet152 HAS RANDOM WEIGHTS")
        assert re.search(r"images: OpenVINO \S+ \(int8\), config local-openvino \(the fastest", stack.output)
        assert "faq_matcher has no version and is not served; publish one: scoring convert faq" in stack.output
        assert stack.send(signal.SIGTERM) == 0


@pytest.mark.triton
def test_nothing_outlives_a_killed_supervisor(tmp_path: Path, temporary: Path) -> None:
    """Its children end by themselves; its folder is removed by the next run, which Ctrl-C stops without a trace."""
    write_model(tmp_path, TAGS_CONFIG, tags_model())
    with Serve(tmp_path, temporary, "--triton-only") as killed:
        killed.says("Triton is ready")
        assert killed.send(signal.SIGKILL) == -signal.SIGKILL
        wait_for(lambda: killed.left() == [], lambda: f"the end of {killed.left()}")
    (left,) = temporary.iterdir()
    with Serve(tmp_path, temporary, "--triton-only") as stack:
        stack.says("Triton is ready")
        assert left not in temporary.iterdir()
        assert stack.send(signal.SIGINT) == 0
        assert stack.left() == []
        assert list(temporary.iterdir()) == []


def _refused(*options: str) -> list[str]:
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    lines: list[str] = result.stderr.splitlines()
    return lines


@pytest.mark.triton
def test_a_model_that_does_not_load_ends_the_command_with_its_reason(tmp_path: Path) -> None:
    """Exit code 2, the reason in one line, what to do in the next."""
    write_model(tmp_path, TAGS_CONFIG.replace("dims: [ 1 ]", "dims: [ 2 ]"), tags_model())
    ports = [f"--triton-{name}-port=0" for name in ("grpc", "http", "metrics")]
    reason, hint = _refused("--triton-only", "--model-repository", str(tmp_path), *ports)
    assert reason.startswith("scoring serve: cannot load tags version 1: tensor 'text': the model expects")
    assert "config.pbtxt" in hint


def test_a_busy_port_ends_the_command_before_anything_is_started(tmp_path: Path, busy_port: int) -> None:
    """Exit code 2; the line names the port, its flag and its holder."""
    write_model(tmp_path, TAGS_CONFIG, tags_model())
    ports = [f"--triton-{name}-port=0" for name in ("grpc", "http", "metrics")]
    line, hint = _refused("--model-repository", str(tmp_path), *ports, "--port", str(busy_port))
    assert line.startswith(f"scoring serve: port {busy_port} on 127.0.0.1 (--port) is in use by ")
    assert hint.endswith("choose another port: --port PORT")


def test_one_port_for_two_servers_ends_the_command(tmp_path: Path) -> None:
    """Also when one of them is Triton's, which would take it first."""
    write_model(tmp_path, TAGS_CONFIG, tags_model())
    port, *_ = take_free(1)
    free = ["--triton-http-port=0", "--triton-metrics-port=0", "--grpc-port=0"]
    line, _ = _refused("--model-repository", str(tmp_path), *free, f"--triton-grpc-port={port}", f"--port={port}")
    assert line == f"scoring serve: port {port} is given to --triton-grpc-port and to --port"


def test_a_repository_without_models_ends_the_command(tmp_path: Path) -> None:
    """Exit code 2; the hint names the command that publishes a model."""
    line, hint = _refused("--model-repository", str(tmp_path))
    assert line == f"scoring serve: no model in the repository {tmp_path} has a version"
    assert "scoring convert faq" in hint
