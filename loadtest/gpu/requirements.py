"""What the GPU check needs: a GPU with its driver, and an ONNX Runtime built for it."""

import subprocess
from collections.abc import Sequence

import onnxruntime

from loadtest.environment import Gpu
from loadtest.errors import LoadTestError

CUDA_PROVIDER = "CUDAExecutionProvider"
TENSORRT_PROVIDER = "TensorrtExecutionProvider"
_QUERY = ("--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits")
_INSTALL = "pip uninstall onnxruntime, then pip install 'onnxruntime-gpu[cuda,cudnn]'"


def present() -> list[Gpu]:
    """Return the GPUs of this machine. Raises LoadTestError that names all that is missing."""
    gpus, without = find_gpus("nvidia-smi")
    providers = onnxruntime.get_available_providers()
    problems = missing(gpus, without, providers, onnxruntime.__version__)
    if problems:
        raise LoadTestError(*problems)
    return gpus


def find_gpus(program: str) -> tuple[list[Gpu], str]:
    """Return the GPUs that nvidia-smi (`program`) lists, and why there are none."""
    try:
        done = subprocess.run([program, *_QUERY], capture_output=True, text=True, check=False)
    except OSError:
        return [], "nvidia-smi, which comes with the driver, is not on the PATH"
    if done.returncode:
        said = (done.stdout or done.stderr).strip().splitlines()
        return [], f"nvidia-smi says: {said[0] if said else f'exit code {done.returncode}'}"
    return parse(done.stdout), "nvidia-smi lists none"


def parse(listing: str) -> list[Gpu]:
    """Read nvidia-smi's table: name, driver version and memory in MiB."""
    rows = [[cell.strip() for cell in line.split(",")] for line in listing.splitlines() if line.strip()]
    return [Gpu(name, driver, int(memory)) for name, driver, memory in rows]


def missing(gpus: Sequence[Gpu], without: str, providers: Sequence[str], version: str) -> tuple[str, str] | None:
    """Return what is missing and what to do about it, None when all is there."""
    lacks, steps = [], []
    if not gpus:
        lacks.append(f"an NVIDIA GPU ({without})")
        steps.append("run it on a machine with an NVIDIA GPU and its driver")
    if CUDA_PROVIDER not in providers:
        lacks.append(f"an ONNX Runtime with CUDA (onnxruntime {version} has {', '.join(providers)})")
        steps.append(_INSTALL)
    return (f"missing: {' and '.join(lacks)}", "; ".join(steps)) if lacks else None
