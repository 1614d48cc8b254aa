"""What is read from the machine: processor, processes, memory."""

import os
from importlib.metadata import version

import pytest

from loadtest import inventory, procfs
from loadtest.environment import Hardware, hardware, matrix_features, versions

_CPUINFO = "processor : 0\nmodel name : Example\nflags : fpu avx512f amx_int8 avx512_vnni amx_bf16\n\nprocessor : 1\n"
_STUB = "/tmp/x/python/triton_python_backend_stub /tmp/x/models/resnet152/1/model.onnx p 1048576 1 8 /x 336 "


def test_matrix_features_are_read_from_the_flags() -> None:
    """Those that speed up low precision, in one order; a processor without flags has none."""
    assert matrix_features(_CPUINFO) == ("amx_bf16", "amx_int8", "avx512_vnni")
    assert matrix_features("model name : Arm\n") == ()


@pytest.mark.parametrize(("features", "amx"), [(("amx_int8",), True), (("avx512_bf16",), False), (None, False)])
def test_amx_is_one_of_them(features: tuple[str, ...] | None, amx: bool) -> None:
    """Reports that did not record it claim nothing."""
    assert Hardware("", 1, 1, "", 0, features).amx is amx


def test_this_machine_is_described() -> None:
    """Cores and packages of this process."""
    assert hardware().cores == len(os.sched_getaffinity(0))
    found = versions("2.51.0")
    assert found["triton"] == "2.51.0"
    assert found["pillow"] == version("pillow")
    assert "tensorrt" not in found  # not installed, no part of the run


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (_STUB + "resnet152_0_0 /tmp/x/backends/openvino", "backend of resnet152"),
        (_STUB + "faq_matcher_0_1 /tmp/x/backends/onnxruntime", "backend of faq_matcher"),
        ("/venv/bin/tritonserver --model-repository=x", "Triton"),
        ("python3 -m gateway --port 1", "gateway"),
        ("bash", None),
    ],
)
def test_processes_are_named_after_their_command_lines(command: str, name: str | None) -> None:
    """Triton's stubs by the model that they run; what is none of ours has no name."""
    assert inventory.name_of(command) == name


def test_memory_of_a_process() -> None:
    """Shared pages count whole in one figure and in part in the other."""
    rss, pss = procfs.memory(os.getpid())
    assert 1_000_000 < pss <= rss
    assert inventory.memory(os.getpid())[0].name == inventory.SUPERVISOR
