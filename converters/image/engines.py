"""The engines that can serve the image model, each with its Triton config: a laptop's, and those of CPU and GPU pools.

Parameter names and their reading are those of Triton's own backends: github.com/triton-inference-server/
onnxruntime_backend (README.md, src/onnxruntime.cc) and openvino_backend (src/openvino.cc).
"""

from collections.abc import Mapping
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from converters.image.core import CLASSES, SIDE
from converters.model_config import Accelerator, ModelConfig, Tensor, onnxruntime_threads, openvino_threads

MODEL = "resnet152"
IMAGE = Tensor("image", "TYPE_UINT8", (SIDE, SIDE, 3))
PROBABILITIES = Tensor("probabilities", "TYPE_FP32", (CLASSES,))
LABEL_FILE = "labels.txt"
LADDER = (1, 2, 4, 8, 16)  # the gateway fills calls of up to 16 images
GPU_LADDER = (*LADDER, 32, 64)
GPU_OPTIMUM = 16
POOL_CORES = 4
POOL_CONFIG = "configs/cpu.pbtxt"

# With cuDNN's default, an exhaustive search, the first batch of every size takes seconds. Given in the provider's own
# options under `execution_accelerators`, the choice would be overwritten (src/onnxruntime.cc, ModelState::LoadModel).
_CUDA = {"cudnn_conv_algo_search": "1", "arena_extend_strategy": "1"}  # HEURISTIC; grow by what is asked, not twofold


def configs(cores: int = POOL_CORES) -> dict[str, str]:
    """Texts of all configs by their path in the model's folder; a CPU pod of the pools has `cores` cores."""
    return {name: config.text() for name, config in _configs(cores).items()}


def pool_cores(model_folder: Path) -> int:
    """The cores that the pools' configs in a model's folder were written for; `POOL_CORES` when that is not known."""
    try:
        proto = text_format.Parse((model_folder / POOL_CONFIG).read_text(), model_config_pb2.ModelConfig())
        return int(proto.parameters["intra_op_thread_count"].string_value)
    except (OSError, ValueError, text_format.ParseError):
        return POOL_CORES


def _configs(cores: int) -> Mapping[str, ModelConfig]:
    return {
        "config.pbtxt": _onnxruntime("ONNX Runtime on all cores of this machine.", onnxruntime_threads(0)),
        "configs/local-openvino.pbtxt": _openvino("OpenVINO on all cores of this machine.", openvino_threads(0)),
        POOL_CONFIG: _onnxruntime(f"ONNX Runtime in a pod of {cores} cores.", onnxruntime_threads(cores)),
        "configs/cpu-openvino.pbtxt": _openvino(f"OpenVINO in a pod of {cores} cores.", openvino_threads(cores)),
        "configs/cpu-onnxruntime-openvino.pbtxt": _onnxruntime(
            f"ONNX Runtime with OpenVINO's provider in a pod of {cores} cores: for INT8 files; FP32 gains nothing.",
            onnxruntime_threads(cores),
            Accelerator("openvino"),
        ),
        "configs/gpu.pbtxt": _gpu("ONNX Runtime with CUDA: for files made with --precision fp16."),
        "configs/gpu-tensorrt.pbtxt": _gpu("ONNX Runtime with TensorRT in FP16.", _tensorrt()),
    }


def _onnxruntime(comment: str, parameters: Mapping[str, str], *accelerators: Accelerator) -> ModelConfig:
    return ModelConfig(
        MODEL,
        [IMAGE],
        [PROBABILITIES],
        comment,
        max_batch_size=LADDER[-1],
        parameters=parameters,
        accelerators=accelerators,
        label_file=LABEL_FILE,
        warmup_batches=LADDER,
    )


def _openvino(comment: str, parameters: Mapping[str, str]) -> ModelConfig:
    """Without `max_batch_size`: with one, Triton's backend compiles for exactly that batch and refuses all others."""
    return ModelConfig(
        MODEL,
        [IMAGE],
        [PROBABILITIES],
        f"{comment} max_batch_size is 0: clients merge.",
        backend="openvino",
        max_batch_size=0,
        parameters=parameters,
        label_file=LABEL_FILE,
        warmup_batches=LADDER,
    )


def _gpu(comment: str, *accelerators: Accelerator) -> ModelConfig:
    return ModelConfig(
        MODEL,
        [IMAGE],
        [PROBABILITIES],
        comment,
        kind="KIND_GPU",
        max_batch_size=GPU_LADDER[-1],
        parameters={**onnxruntime_threads(1), **_CUDA},
        accelerators=accelerators,
        label_file=LABEL_FILE,
        warmup_batches=GPU_LADDER,
    )


def _tensorrt() -> Accelerator:
    """Engines for batches 1 to the largest, built once for a kind of GPU and kept in a folder of this model alone.

    An engine's file name does not depend on the weights (ONNX Runtime, TRTGenerateId): `wrapping` sees to it that two
    versions never share one.
    """
    cache = f"/var/cache/tensorrt/{MODEL}"
    profile = {"min": 1, "opt": GPU_OPTIMUM, "max": GPU_LADDER[-1]}
    shapes = {f"trt_profile_{name}_shapes": f"{IMAGE.name}:{batch}x{SIDE}x{SIDE}x3" for name, batch in profile.items()}
    options = {
        "precision_mode": "FP16",
        "trt_engine_cache_enable": "true",
        "trt_engine_cache_path": cache,
        "trt_timing_cache_enable": "true",
        "trt_timing_cache_path": cache,
    }
    return Accelerator("tensorrt", gpu=True, parameters={**options, **shapes})
