"""What the GPU check says where it cannot run."""

import shutil
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest

from loadtest.environment import Gpu
from loadtest.errors import LoadTestError
from loadtest.gpu.engines import gpu_engines
from loadtest.gpu.requirements import CUDA_PROVIDER, find_gpus, missing, parse

H100 = Gpu("NVIDIA H100 80GB HBM3", "570.86", 81559)
needs_no_gpu = pytest.mark.skipif(
    shutil.which("nvidia-smi") is not None or CUDA_PROVIDER in onnxruntime.get_available_providers(),
    reason="this machine has what the check needs",
)


def program(folder: Path, script: str) -> str:
    """Write a program that stands in for nvidia-smi, and return its path."""
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@needs_no_gpu
def test_machine_without_gpu_is_told_so_in_one_line(tmp_path: Path) -> None:
    """Exit code 2, all that is missing and what to do, no traceback, and nothing written."""
    words = [sys.executable, "-m", "loadtest.gpu_check", "--quick", "--output", str(tmp_path / "results")]
    done = subprocess.run(words, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    for part in ("missing: an NVIDIA GPU", "nvidia-smi", "ONNX Runtime with CUDA", "pip install 'onnxruntime-gpu"):
        assert part in line
    assert list(tmp_path.iterdir()) == []


@needs_no_gpu
def test_cuda_engine_without_cuda_is_refused(tmp_path: Path) -> None:
    """ONNX Runtime would run it on the CPU and say nothing."""
    (engine,) = gpu_engines(tmp_path / "model.onnx", "FP16")
    assert (engine.name, engine.served_as) == ("CUDA FP16", "onnxruntime-cuda")
    with pytest.raises(LoadTestError, match="built without CUDAExecutionProvider"):
        engine.answer()


def test_gpus_are_read_from_nvidia_smi(tmp_path: Path) -> None:
    """Name, driver and memory of each."""
    line = "NVIDIA H100 80GB HBM3, 570.86, 81559"
    gpus, _ = find_gpus(program(tmp_path, f"echo '{line}'; echo '{line}'"))
    assert gpus == [H100, H100]
    assert parse("") == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'NVIDIA-SMI has failed: no driver'; exit 9", "nvidia-smi says: NVIDIA-SMI has failed: no driver"),
        ("exit 3", "nvidia-smi says: exit code 3"),
        ("true", "nvidia-smi lists none"),
    ],
)
def test_gpu_that_cannot_be_used_is_explained(script: str, reason: str, tmp_path: Path) -> None:
    """In nvidia-smi's own words, where it has some."""
    assert find_gpus(program(tmp_path, script)) == ([], reason)


def test_missing_program_is_explained(tmp_path: Path) -> None:
    """No driver, no nvidia-smi."""
    gpus, reason = find_gpus(str(tmp_path / "nvidia-smi"))
    assert (gpus, "not on the PATH" in reason) == ([], True)


def test_only_what_is_missing_is_named() -> None:
    """A GPU without the right ONNX Runtime, the reverse, and neither."""
    complete = [CUDA_PROVIDER, "CPUExecutionProvider"]
    assert missing([H100], "", complete, "1.32.0") is None
    without_cuda = missing([H100], "", ["CPUExecutionProvider"], "1.32.0")
    assert without_cuda is not None
    assert without_cuda[0] == "missing: an ONNX Runtime with CUDA (onnxruntime 1.32.0 has CPUExecutionProvider)"
    assert "driver" not in without_cuda[1]
    without_gpu = missing([], "nvidia-smi lists none", complete, "1.32.0")
    assert without_gpu is not None
    assert without_gpu[0] == "missing: an NVIDIA GPU (nvidia-smi lists none)"
    assert "pip" not in without_gpu[1]
