"""What runs a model, read from the configuration that Triton has made of its config.pbtxt and its defaults."""

from typing import Any, NamedTuple

from tritonclient.grpc import model_config_pb2

_GPU = model_config_pb2.ModelInstanceGroup.KIND_GPU


class Engine(NamedTuple):
    """The engine's name, and how many inputs it takes in one call; 0 says that the model's shape sets no limit."""

    name: str
    max_batch_size: int


def engine_of(config: Any) -> Engine:
    """Return the engine of a ModelConfig."""
    return Engine(_name(config), config.max_batch_size)


def _name(config: Any) -> str:
    backend = config.backend or config.platform.removesuffix("_onnx") or "unknown"
    if backend == "openvino":
        return "openvino-cpu"
    if backend != "onnxruntime":
        return str(backend)
    accelerators = config.optimization.execution_accelerators
    if any(each.name == "tensorrt" for each in accelerators.gpu_execution_accelerator):
        return "onnxruntime-tensorrt"
    if any(each.name == "openvino" for each in accelerators.cpu_execution_accelerator):
        return "onnxruntime-openvino"
    on_gpu = any(group.kind == _GPU for group in config.instance_group)
    return "onnxruntime-cuda" if on_gpu else "onnxruntime-cpu"
