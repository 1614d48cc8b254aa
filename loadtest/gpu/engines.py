"""The engines of a GPU: the only part of the check that needs one."""

import ctypes
import importlib
from functools import partial
from pathlib import Path

import onnxruntime

from loadtest.gpu.requirements import CUDA_PROVIDER, TENSORRT_PROVIDER
from loadtest.images.engines import CPU_PROVIDER, Answer, Engine, open_onnxruntime

LARGEST_BATCH = 128
# As in the product's configs (converters/image/engines.py): to search for the fastest convolution takes seconds for
# every batch size.
_CUDA = (CUDA_PROVIDER, {"cudnn_conv_algo_search": "HEURISTIC"})
_TENSORRT_LIBRARY = "libnvinfer.so.10"


def gpu_engines(model: Path, precision: str) -> list[Engine]:
    """Return CUDA, with which the product serves, and TensorRT where it is installed."""
    engines = [Engine(f"CUDA {precision}", "onnxruntime-cuda", model, open_cuda)]
    if has_tensorrt():
        opened = partial(open_tensorrt, cache=model.parent / "tensorrt")
        engines.append(Engine(f"TensorRT {precision}", "onnxruntime-tensorrt", model, opened))
    return engines


def open_cuda(model: Path) -> Answer:
    """Open a model with the CUDA provider. Raises LoadTestError."""
    _load_cuda()
    return open_onnxruntime(model, (_CUDA, CPU_PROVIDER))


def open_tensorrt(model: Path, cache: Path) -> Answer:
    """Open a model with TensorRT; what it builds for this GPU is kept in `cache`. Raises LoadTestError."""
    _load_cuda()
    has_tensorrt()
    shapes = {"min": 1, "opt": 16, "max": LARGEST_BATCH}
    options = {
        "trt_fp16_enable": "true",
        "trt_engine_cache_enable": "true",
        "trt_engine_cache_path": str(cache),
        **{f"trt_profile_{name}_shapes": f"image:{batch}x224x224x3" for name, batch in shapes.items()},
    }
    return open_onnxruntime(model, ((TENSORRT_PROVIDER, options), _CUDA, CPU_PROVIDER))


def has_tensorrt() -> bool:
    """Load TensorRT's library, from its Python package or the system, and tell whether it is there."""
    if TENSORRT_PROVIDER not in onnxruntime.get_available_providers():
        return False
    try:
        importlib.import_module("tensorrt")
    except ImportError:
        try:
            ctypes.CDLL(_TENSORRT_LIBRARY)
        except OSError:
            return False
    return True


def _load_cuda() -> None:
    # CUDA and cuDNN from pip are on no library path (onnxruntime.ai, CUDA Execution Provider, "Preload DLLs").
    onnxruntime.preload_dlls()
