"""Execution providers that the onnxruntime backend asks ONNX Runtime for: names and options as the C++ backend's."""

from typing import Any

import pytest
from onnx_providers import CPU, CUDA, OPENVINO, TENSORRT, check_installed, check_started, providers
from stub_errors import RefusedError

UNLIMITED = str(2**64 - 1)


def config(gpu: Any = (), cpu: Any = (), **parameters: str) -> dict[str, Any]:
    """Return what counts of a model config, as Triton hands it to a backend: JSON."""
    return {
        "parameters": {name: {"string_value": value} for name, value in parameters.items()},
        "optimization": {
            "execution_accelerators": {
                "gpu_execution_accelerator": [{"name": name, "parameters": given} for name, given in gpu],
                "cpu_execution_accelerator": [{"name": name} for name in cpu],
            }
        },
    }


def test_a_cpu_instance_runs_on_the_cpu() -> None:
    """Nothing is asked for, nothing else is taken; what a file needs no provider for has none."""
    assert providers({}, "CPU", "0") == [(CPU, {})]
    assert providers(config(cpu=["openvino"]), "CPU", "0") == [(OPENVINO, {}), (CPU, {})]


def test_a_gpu_instance_gets_cuda_on_its_device() -> None:
    """Also when its config names no accelerator; without parameters the options are ONNX Runtime's own."""
    assert providers({}, "GPU", "1") == [(CUDA, {"device_id": "1"}), (CPU, {})]


def test_a_model_with_parameters_gets_the_default_of_each_cuda_option() -> None:
    """As in the C++ backend, which reads four of them from the model's own parameters."""
    (_, options), _ = providers(config(intra_op_thread_count="1"), "GPU", "0")
    assert options == {
        "device_id": "0",
        "cudnn_conv_algo_search": "EXHAUSTIVE",
        "gpu_mem_limit": UNLIMITED,
        "arena_extend_strategy": "kNextPowerOfTwo",
        "do_copy_in_default_stream": "1",
    }


def test_the_models_parameters_set_cuda_options() -> None:
    """Their numbers have names in ONNX Runtime."""
    given = config(
        cudnn_conv_algo_search="1", gpu_mem_limit="1000", arena_extend_strategy="1", do_copy_in_default_stream="false"
    )
    (_, options), _ = providers(given, "GPU", "0")
    assert options == {
        "device_id": "0",
        "cudnn_conv_algo_search": "HEURISTIC",
        "gpu_mem_limit": "1000",
        "arena_extend_strategy": "kSameAsRequested",
        "do_copy_in_default_stream": "0",
    }


def test_the_accelerator_cuda_passes_any_option_on() -> None:
    """ONNX Runtime judges them."""
    given = config(gpu=[("cuda", {"cudnn_conv_use_max_workspace": "0", "use_ep_level_unified_stream": "1"})])
    assert providers(given, "GPU", "0") == [
        (CUDA, {"cudnn_conv_use_max_workspace": "0", "use_ep_level_unified_stream": "1", "device_id": "0"}),
        (CPU, {}),
    ]


def test_tensorrt_comes_before_cuda_with_options_under_their_names_there() -> None:
    """Truth values are spelled as ONNX Runtime's Python interface takes them."""
    given = config(
        gpu=[
            (
                "tensorrt",
                {
                    "precision_mode": "FP16",
                    "max_workspace_size_bytes": "1073741824",
                    "trt_engine_cache_enable": "1",
                    "trt_engine_cache_path": "/var/cache/trt",
                    "trt_profile_min_shapes": "image:1x224x224x3",
                    "trt_timing_cache_enable": "false",
                    "trt_builder_optimization_level": "3",
                },
            )
        ]
    )
    assert providers(given, "GPU", "2") == [
        (
            TENSORRT,
            {
                "trt_fp16_enable": "True",
                "trt_max_workspace_size": "1073741824",
                "trt_engine_cache_enable": "True",
                "trt_engine_cache_path": "/var/cache/trt",
                "trt_profile_min_shapes": "image:1x224x224x3",
                "trt_timing_cache_enable": "False",
                "trt_builder_optimization_level": "3",
                "device_id": "2",
            },
        ),
        (CUDA, {"device_id": "2"}),
        (CPU, {}),
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (config(gpu=[("tensorflow", {})]), "unknown Execution Accelerator 'tensorflow' is requested"),
        (config(gpu=[("tensorrt", {"precision": "FP16"})]), "unknown parameter 'precision' is provided for TensorRT"),
        (config(gpu=[("tensorrt", {"precision_mode": "FP8"})]), "unsupported precision mode 'FP8' is requested"),
        (
            config(gpu=[("tensorrt", {"trt_engine_cache_enable": "yes"})]),
            "parameter trt_engine_cache_enable is 'yes': expected true or false",
        ),
        (
            config(gpu=[("tensorrt", {"max_workspace_size_bytes": "1GB"})]),
            "parameter max_workspace_size_bytes is '1GB': expected an integer",
        ),
        (
            config(gpu=[("cuda", {"use_ep_level_unified_stream": "maybe"})]),
            "parameter use_ep_level_unified_stream is 'maybe': expected true or false",
        ),
        (config(cudnn_conv_algo_search="3"), "unsupported cudnn_conv_algo_search value '3' is requested: expected 0 "),
        (config(arena_extend_strategy="2"), "unsupported arena_extend_strategy value '2' is requested: expected 0 "),
        (config(cudnn_conv_algo_search="best"), "parameter cudnn_conv_algo_search is 'best': expected an integer"),
        (
            config(gpu=[("cuda", {"cudnn_conv_algo_search": "HEURISTIC"})], intra_op_thread_count="1"),
            "parameter cudnn_conv_algo_search of the accelerator 'cuda' is replaced by its default",
        ),
    ],
)
def test_what_means_nothing_is_refused(given: dict[str, Any], message: str) -> None:
    """What the C++ backend refuses, and a setting that it would replace by its default in silence."""
    with pytest.raises(RefusedError) as error:
        providers(given, "GPU", "0")
    assert message in str(error.value)


def test_an_accelerator_for_a_gpu_is_refused_on_the_cpu() -> None:
    """The C++ backend would serve the model on the CPU and say nothing."""
    with pytest.raises(RefusedError, match="'tensorrt' has no effect on an instance of KIND_CPU: use KIND_GPU"):
        providers(config(gpu=[("tensorrt", {})]), "CPU", "0")


@pytest.mark.parametrize(
    ("provider", "package"),
    [(CUDA, "onnxruntime-gpu"), (TENSORRT, "onnxruntime-gpu"), (OPENVINO, "onnxruntime-openvino")],
)
def test_a_missing_provider_is_named_with_the_package_that_has_it(provider: str, package: str) -> None:
    """The plain package onnxruntime has the CPU's alone."""
    with pytest.raises(RefusedError, match=f"{provider} is requested .* lacks it: install {package} in its place"):
        check_installed([(provider, {}), (CPU, {})], [CPU])


def test_a_provider_that_was_dropped_is_an_error() -> None:
    """ONNX Runtime goes on with the CPU when it cannot load a library, and logs a line."""
    wanted = [(TENSORRT, {"device_id": "0"}), (CUDA, {"device_id": "0"}), (CPU, dict[str, str]())]
    check_started(wanted, [TENSORRT, CUDA, CPU])
    with pytest.raises(
        RefusedError, match=r"TensorrtExecutionProvider could not be started.*pip install tensorrt-cu12"
    ):
        check_started(wanted, [CUDA, CPU])
