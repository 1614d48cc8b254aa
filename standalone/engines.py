"""Name the engine that a config chooses, with its version and the precision that it computes in."""

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from standalone.model_config import needs_gpu

OPENVINO = "openvino"

# backend: (what people call it, packages that bring it)
_ENGINES: dict[str, tuple[str, Sequence[str]]] = {
    OPENVINO: ("OpenVINO", [OPENVINO]),
    "onnxruntime": ("ONNX Runtime", ["onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino"]),
}
_ACCELERATORS = {"tensorrt": "TensorRT", "cuda": "CUDA", OPENVINO: "OpenVINO"}
# With either of them OpenVINO computes FP32 models in bfloat16 (ov::with_cpu_x86_bfloat16).
_BF16_FLAGS = {"avx512_bf16", "amx_bf16"}


def installed(*packages: str) -> str | None:
    """Return the version of the first of some packages that is installed, None when none is."""
    for package in packages:
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return None


def describe(config: Any, card: Mapping[str, Any], *, bf16: bool) -> str:
    """Return the engine of a model config, as "OpenVINO 2026.4.1 (bf16)"; `card` is the version's model.json.

    `bf16` tells whether the processor computes in bfloat16.
    """
    name, packages = _ENGINES.get(config.backend, (config.backend, []))
    words = [name, installed(*packages) or "(not installed)", *_accelerated(config)]
    precision = card.get("precision")
    if precision == "fp32" and config.backend == OPENVINO and bf16:
        precision = "bf16"
    return " ".join(words) + (f" ({precision})" if precision else "")


def has_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Tell whether the processor computes in bfloat16."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not _BF16_FLAGS.isdisjoint(flags.split())


def _accelerated(config: Any) -> list[str]:
    accelerators = config.optimization.execution_accelerators
    asked = [*accelerators.gpu_execution_accelerator, *accelerators.cpu_execution_accelerator]
    names = [_ACCELERATORS.get(accelerator.name, accelerator.name) for accelerator in asked]
    if not names and needs_gpu(config):
        names = ["CUDA"]
    return ["with", " and ".join(names)] if names else []
