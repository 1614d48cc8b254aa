"""Triton's command line and environment for the hardware that the configs ask for."""

from pathlib import Path

import pytest

from standalone import wheel
from standalone.run_folder import RunFolder
from standalone.triton import TritonServer
from standalone.triton_command import Hardware, Ports, command, environment, trace_options
from tests.standalone.tiny_models import TAGS_CONFIG, tags_model, write_model


@pytest.fixture
def folder() -> RunFolder:
    """A run folder, of which only the paths count here."""
    folder = RunFolder()
    folder.remove()
    return folder


def test_gpus_are_hidden_unless_a_config_needs_one(folder: RunFolder) -> None:
    """A config without an instance kind would take any GPU that Triton finds."""
    found = wheel.locate()
    without, with_gpu = Hardware(), Hardware(gpu=True)
    environ = {"CUDA_VISIBLE_DEVICES": "1"}
    assert environment(found, folder, environ, without)["CUDA_VISIBLE_DEVICES"] == ""
    assert environment(found, folder, environ, with_gpu)["CUDA_VISIBLE_DEVICES"] == "1"
    assert "--allow-gpu-metrics=false" in command(found, folder, Ports(), "", without)
    assert "--allow-gpu-metrics=false" not in command(found, folder, Ports(), "", with_gpu)


def test_clients_load_models_only_where_that_is_asked_for(folder: RunFolder) -> None:
    """Without model control Triton loads what is there; with it, it does so once, and then does what clients say."""
    found = wheel.locate()
    without = command(found, folder, Ports(), "", Hardware())
    assert "--model-control-mode=none" in without
    assert not any(flag.startswith("--load-model") for flag in without)
    control = command(found, folder, Ports(), "", Hardware(), model_control=True)
    assert {"--model-control-mode=explicit", "--load-model=*"} <= set(control)
    assert {f"--{name}-address=127.0.0.1" for name in ("grpc", "http", "metrics")} <= set(control)


def test_the_cores_of_engines_are_passed_on(folder: RunFolder) -> None:
    """Unless nothing is said about them: then what the environment says stays."""
    found = wheel.locate()
    environ = {"SCORING_ENGINE_CORES": "7"}
    assert environment(found, folder, environ, Hardware(cores=3))["SCORING_ENGINE_CORES"] == "3"
    assert environment(found, folder, environ, Hardware())["SCORING_ENGINE_CORES"] == "7"


@pytest.mark.parametrize(("name", "gpu"), [("", False), ("gpu", True), ("cpu", False)])
def test_the_config_that_counts_decides_about_gpus(tmp_path: Path, name: str, gpu: bool) -> None:
    """configs/NAME.pbtxt where the model has it, config.pbtxt otherwise."""
    model = write_model(tmp_path, TAGS_CONFIG, tags_model())
    (model / "configs").mkdir()
    (model / "configs" / "gpu.pbtxt").write_text(TAGS_CONFIG.replace("KIND_CPU", "KIND_GPU"))
    assert TritonServer(tmp_path, model_config_name=name).hardware.gpu is gpu


def test_traces_go_where_the_gateways_go() -> None:
    """Without an address there are none; one without a path gets OTLP's own, and a password is not put on show."""
    assert trace_options("") == []
    assert "--trace-config=opentelemetry,url=http://collector:4318/v1/traces" in trace_options("http://collector:4318")
    assert "--trace-config=opentelemetry,url=https://c/otlp/x" in trace_options("https://name:secret@c/otlp/x")
