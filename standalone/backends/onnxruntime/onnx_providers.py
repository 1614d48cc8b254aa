"""Execution providers for the instance and the `execution_accelerators` of a Triton model config.

As in github.com/triton-inference-server/onnxruntime_backend, src/onnxruntime.cc (ModelState::LoadModel): an instance
on a GPU gets the CUDA provider, asked for or not, with TensorRT before it where the config names it.
"""

from typing import Any

from onnx_cuda import cuda_options
from onnx_tensorrt import tensorrt_options
from stub_errors import RefusedError

# name and options, as onnxruntime.InferenceSession takes them
Provider = tuple[str, dict[str, str]]

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
TENSORRT = "TensorrtExecutionProvider"
OPENVINO = "OpenVINOExecutionProvider"

# What to install where a provider is missing; each package takes the place of `onnxruntime`.
_PACKAGES = {CUDA: "onnxruntime-gpu", TENSORRT: "onnxruntime-gpu", OPENVINO: "onnxruntime-openvino"}
# What a provider loads at run time, from packages that its own does not bring.
_LIBRARIES = {
    CUDA: "CUDA 12 and cuDNN 9 (pip install 'onnxruntime-gpu[cuda,cudnn]')",
    TENSORRT: "TensorRT (pip install tensorrt-cu12) beside CUDA 12 and cuDNN 9",
}


def providers(config: dict[str, Any], kind: str, device: str) -> list[Provider]:
    """Return the providers of an instance of a kind ("CPU", "GPU" ...) on a device ("0"), first choice first.

    Raises RefusedError for an accelerator or a parameter that the C++ backend refuses.
    """
    accelerators = config.get("optimization", {}).get("execution_accelerators", {})
    on_gpu, on_cpu = (accelerators.get(f"{place}_execution_accelerator", []) for place in ("gpu", "cpu"))
    found = _gpu_providers(config, on_gpu, device) if kind in {"GPU", "AUTO"} else []
    if on_gpu and not found:
        # The C++ backend would run the model on the CPU and say nothing.
        raise RefusedError(
            f"accelerator '{on_gpu[0]['name']}' has no effect on an instance of KIND_{kind}: use KIND_GPU"
        )
    for accelerator in on_cpu:
        if accelerator["name"] != "openvino":
            raise _unknown(accelerator)
        if accelerator.get("parameters"):
            raise RefusedError("cpu_execution_accelerator 'openvino' takes no parameters")
        found.append((OPENVINO, {}))
    return [*found, (CPU, {})]


def check_installed(wanted: list[Provider], available: list[str]) -> None:
    """Raise RefusedError when the installed onnxruntime was built without a provider."""
    for name, _ in wanted:
        if name not in available:
            raise RefusedError(f"{name} is requested and the installed onnxruntime lacks it: {install_hint(name)}")


def check_started(wanted: list[Provider], running: list[str]) -> None:
    """Raise RefusedError when ONNX Runtime dropped a provider, which it does when a library cannot be loaded."""
    for name, _ in wanted:
        if name not in running:
            raise RefusedError(f"{name} could not be started, see the lines above: it needs {_LIBRARIES.get(name)}")


def install_hint(provider: str) -> str:
    """Say which package brings a provider."""
    return f"install {_PACKAGES[provider]} in its place"


def _gpu_providers(config: dict[str, Any], accelerators: list[dict[str, Any]], device: str) -> list[Provider]:
    found: list[Provider] = []
    asked: dict[str, str] = {}
    for accelerator in accelerators:
        parameters = accelerator.get("parameters", {})
        if accelerator["name"] == "tensorrt":
            found.append((TENSORRT, {**tensorrt_options(parameters), "device_id": device}))
        elif accelerator["name"] == "cuda":
            asked.update(parameters)
        else:
            raise _unknown(accelerator)
    return [*found, (CUDA, {**cuda_options(config, asked), "device_id": device})]


def _unknown(accelerator: dict[str, Any]) -> RefusedError:
    return RefusedError(f"unknown Execution Accelerator '{accelerator['name']}' is requested")
