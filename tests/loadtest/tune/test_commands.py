"""`scoring tune` as users run it: on a real Triton, interrupted, taken up again, and with what it cannot work with."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2, service_pb2
from typer.testing import CliRunner

from loadtest.processes import free_ports
from loadtest.tune.commands import app
from standalone.triton import TritonServer
from tests.standalone.tiny_models import faq_model, write_model
from tests.standalone.triton_client import Client

MODEL = "faq_matcher"
CONFIG = """
name: "faq_matcher" backend: "onnxruntime" max_batch_size: 64 dynamic_batching { }
input { name: "question" data_type: TYPE_STRING dims: [ 1 ] }
output { name: "ids" data_type: TYPE_INT64 dims: [ 3 ] }
output { name: "probabilities" data_type: TYPE_FP32 dims: [ 3 ] }
instance_group { kind: KIND_CPU count: 1 }
parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a tiny FAQ matcher."""
    folder = tmp_path / "repository"
    write_model(folder, CONFIG, faq_model())
    return folder


@pytest.fixture
def server(repository: Path) -> Iterator[TritonServer]:
    """A Triton whose clients may load configs."""
    with TritonServer(repository, model_control=True) as server:
        yield server


def command(repository: Path, *options: str) -> list[str]:
    """Return a command line with reports beside the repository."""
    scoring = str(Path(sys.executable).with_name("scoring"))
    folders = ["--model-repository", str(repository), "--output", str(repository.parent / "out")]
    return [scoring, "tune", MODEL, *folders, *options]


def served(server: TritonServer) -> Any:
    """Return the config that Triton serves the model with."""
    with Client(server.grpc_address) as client:
        return client.stub.ModelConfig(service_pb2.ModelConfigRequest(name=MODEL), timeout=5).config


def report(repository: Path) -> Any:
    """Return the latest report."""
    return json.loads((repository.parent / "out" / MODEL / "latest.json").read_text())


def interrupted(line: list[str], after: str) -> tuple[int, str]:
    """Run a command until it says something, send Ctrl-C, and return its exit code and what it said."""
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        for text in process.stderr:
            said += text
            if after in text:
                time.sleep(0.3)  # in the middle of it
                process.send_signal(signal.SIGINT)
                break
        said += process.stderr.read()
        return process.wait(), said


@pytest.mark.triton
def test_a_running_triton_is_left_as_it_was_also_by_ctrl_c(repository: Path, server: TritonServer) -> None:
    """What was measured until then is kept and taken up; the result is a config that Triton loads."""
    before = served(server)
    line = command(repository, "--triton", server.grpc_address, "--rate", "30", "--budget", "8s", "--cores", "2")
    code, said = interrupted(line, "limit, step")
    assert code == 130
    assert "go on with --resume" in said
    assert "Traceback" not in said
    assert served(server) == before
    kept = report(repository)
    assert kept["interrupted"]
    assert kept["trials"][0]["bursts"]

    done = subprocess.run([*line, "--resume"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert served(server) == before
    first, again = kept["trials"], report(repository)["trials"]
    assert again[0]["bursts"] == first[0]["bursts"]
    assert "use it with scoring serve --model-config-name tuned" in done.stdout
    text = (repository / MODEL / "configs" / "tuned.pbtxt").read_text()
    assert text.startswith("# Written by `scoring tune`")
    assert text_format.Parse(text, model_config_pb2.ModelConfig()).input == before.input
    assert (repository / MODEL / "config.pbtxt").read_text() == CONFIG
    assert "<svg" in (repository.parent / "out" / MODEL / "report.html").read_text()


@pytest.mark.triton
def test_an_own_triton_leaves_nothing_behind(repository: Path) -> None:
    """A rate instead of a limit, on one core; at the end no process and no temporary folder is left."""
    temporary = repository.parent / "temporary"
    temporary.mkdir()
    line = command(repository, "--rate", "50", "--budget", "3s", "--cores", "1", "--name", "calm")
    done = subprocess.run(
        line, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "TMPDIR": str(temporary)}
    )
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []
    assert (repository / MODEL / "configs" / "calm.pbtxt").is_file()
    setup = report(repository)["setup"]
    assert (setup["cores"], len(setup["pod"]), setup["default"]["threads"]) == (1, 1, 1)


@pytest.mark.triton
def test_a_limit_that_nothing_keeps_is_said_with_what_came_closest(repository: Path, server: TritonServer) -> None:
    """Exit code 2, and no config is written."""
    limit = ("--slo", "p99=1us", "--budget", "2s", "--cores", "1")
    done = subprocess.run(
        command(repository, "--triton", server.grpc_address, *limit), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no variant keeps p99=1us" in done.stderr
    assert "the best p99 seen is" in done.stderr
    assert not (repository / MODEL / "configs" / "tuned.pbtxt").exists()


def refused(*options: str) -> str:
    """Return what the command says when it refuses to work."""
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2, result.output
    return result.stderr


@pytest.mark.triton
def test_a_triton_that_lets_nobody_load_configs_is_named_with_the_flag_that_does(repository: Path) -> None:
    """Nothing is measured, and nothing is changed."""
    with TritonServer(repository) as server:
        options = ("--model-repository", str(repository), "--output", str(repository.parent / "out"))
        said = refused(MODEL, "--slo", "p99=1s", "--triton", server.grpc_address, *options)
    assert "lets nobody load configs" in said
    assert "--model-control" in said


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (["nothing", "--slo", "p99=1s"], "there is no model 'nothing' to tune", "faq_matcher, resnet152"),
        (["resnet152", "--slo", "p99=1s"], "holds no version of resnet152", "scoring convert resnet152"),
        ([MODEL], "either a latency limit or a rate", "--slo p99=100ms, or --rate 500"),
        ([MODEL, "--slo", "p99=1s", "--cores", "999"], "a pod of 999 cores cannot be tried", "--cores"),
        ([MODEL, "--slo", "p99=1s", "--budget", "soon"], "--budget soon", "--budget 8m"),
        ([MODEL, "--slo", "p99=1s", "--engine", "abacus"], "faq_matcher runs on no engine 'abacus'", "onnxruntime"),
        ([MODEL, "--slo", "p99=1s", "--name", "a/b"], "no name of a config", "--name tuned"),
        ([MODEL, "--slo", "p99=1s", "--list-size", "999"], "no batch holds 999 questions", "--list-size 128"),
        ([MODEL, "--slo", "p99=1s", "--triton", "here"], "here is no gRPC address", "HOST:PORT"),
    ],
)
def test_orders_that_cannot_be_followed_are_refused_at_once(
    repository: Path, options: list[str], message: str, hint: str
) -> None:
    """What is wrong in one line, what to do in the next."""
    said = refused(*options, "--model-repository", str(repository), "--output", str(repository.parent / "out"))
    assert message in said
    assert hint in said


def test_a_triton_that_is_not_there_is_named_with_the_command_that_starts_one(repository: Path) -> None:
    """A port on which nobody listens."""
    (port,) = free_ports(1)
    options = ["--model-repository", str(repository), "--output", str(repository.parent / "out")]
    said = refused(MODEL, "--slo", "p99=1s", "--triton", f"127.0.0.1:{port}", *options)
    assert f"no Triton answers at 127.0.0.1:{port}" in said
    assert "scoring serve --triton-only --model-control" in said


@pytest.mark.parametrize("place", ["output", "configs"])
def test_folders_that_take_nothing_are_noticed_before_the_run(repository: Path, place: str) -> None:
    """Better before than after eight minutes."""
    blocked = repository.parent / "out" if place == "output" else repository / MODEL / "configs"
    shutil.rmtree(blocked, ignore_errors=True)
    blocked.touch()
    options = ["--model-repository", str(repository), "--output", str(repository.parent / "out")]
    assert f"{blocked}" in refused(MODEL, "--slo", "p99=1s", *options)
