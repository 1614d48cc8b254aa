"""The configs of all engines: committed as they are written, and with the threads that a pod has."""

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from converters.image.engines import GPU_LADDER, LADDER, MODEL, POOL_CORES, configs, pool_cores
from converters.publish import set_files

COMMITTED = Path(__file__).parents[3] / "model_repository" / MODEL


def _parsed(name: str, cores: int = POOL_CORES) -> Any:
    return text_format.Parse(configs(cores)[name], model_config_pb2.ModelConfig())


def _parameters(proto: Any) -> dict[str, str]:
    return {name: parameter.string_value for name, parameter in proto.parameters.items()}


def test_committed_configs_are_the_writer_s() -> None:
    """Each config in the repository is what the converter writes, and there is no other."""
    found = {path.relative_to(COMMITTED).as_posix(): path.read_text() for path in COMMITTED.rglob("*.pbtxt")}
    assert found == configs()


@pytest.mark.parametrize("name", sorted(configs()))
def test_each_engine_is_warmed_up_without_a_queue_policy(name: str) -> None:
    """Every size of the ladder is run before the model is ready; limits are the gateway's, classes have labels."""
    proto = _parsed(name)
    ladder = GPU_LADDER if "gpu" in name else LADDER
    sizes = [warmup.batch_size * (1 if proto.max_batch_size else warmup.inputs["image"].dims[0])
             for warmup in proto.model_warmup]  # fmt: skip
    assert sizes == list(ladder)
    assert proto.max_batch_size in {0, ladder[-1]}
    assert not proto.dynamic_batching.HasField("default_queue_policy")
    assert proto.output[0].label_filename == "labels.txt"
    assert (COMMITTED / "labels.txt").is_file()
    assert [group.count for group in proto.instance_group] == [1]


def test_openvino_is_never_asked_to_batch() -> None:
    """Triton's backend would compile for one size and refuse the others; one stream works on all cores."""
    local, pod = _parsed("configs/local-openvino.pbtxt"), _parsed("configs/cpu-openvino.pbtxt", 8)
    assert (local.backend, local.max_batch_size, list(local.input[0].dims)) == ("openvino", 0, [-1, 224, 224, 3])
    assert _parameters(local) == {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1"}
    assert _parameters(pod) == {**_parameters(local), "INFERENCE_NUM_THREADS": "8"}


@pytest.mark.parametrize("name", ["configs/cpu.pbtxt", "configs/cpu-onnxruntime-openvino.pbtxt"])
def test_a_pod_s_threads_are_its_cores(name: str) -> None:
    """ONNX Runtime does not see a pod's limit: one instance gets as many threads as the pod has cores."""
    assert _parameters(_parsed(name, 6)) == {"intra_op_thread_count": "6", "inter_op_thread_count": "1"}
    assert _parameters(_parsed("config.pbtxt", 6))["intra_op_thread_count"] == "0"


def test_openvino_s_provider_takes_no_parameters() -> None:
    """The C++ backend passes none on: `src/onnxruntime.cc`, ModelState::LoadModel."""
    lists = _parsed("configs/cpu-onnxruntime-openvino.pbtxt").optimization.execution_accelerators
    (accelerator,) = lists.cpu_execution_accelerator
    assert (accelerator.name, dict(accelerator.parameters)) == ("openvino", {})


def test_gpu_configs_search_quickly_and_keep_their_engines() -> None:
    """Convolutions are chosen by heuristic; TensorRT's engines cover batches from 1 on, in a folder of the model."""
    cuda, tensorrt = _parsed("configs/gpu.pbtxt"), _parsed("configs/gpu-tensorrt.pbtxt")
    for proto in (cuda, tensorrt):
        assert proto.instance_group[0].kind == model_config_pb2.ModelInstanceGroup.KIND_GPU
        assert _parameters(proto)["cudnn_conv_algo_search"] == "1"
    (accelerator,) = tensorrt.optimization.execution_accelerators.gpu_execution_accelerator
    options = dict(accelerator.parameters)
    assert (accelerator.name, options["precision_mode"]) == ("tensorrt", "FP16")
    assert options["trt_engine_cache_path"].endswith(MODEL)
    shapes = [options[f"trt_profile_{name}_shapes"] for name in ("min", "opt", "max")]
    assert shapes == [f"image:{batch}x224x224x3" for batch in (1, 16, tensorrt.max_batch_size)]


def test_cores_of_the_pools_are_read_back(tmp_path: Path) -> None:
    """Publishing again keeps the number of cores; without configs, or with damaged ones, it is the default."""
    assert pool_cores(tmp_path) == POOL_CORES
    set_files(tmp_path, configs(12))
    assert pool_cores(tmp_path) == 12
    (tmp_path / "configs" / "cpu.pbtxt").write_text("not a config")
    assert pool_cores(tmp_path) == POOL_CORES
