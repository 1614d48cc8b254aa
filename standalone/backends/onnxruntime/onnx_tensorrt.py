"""Options of ONNX Runtime's TensorRT provider for the parameters of the accelerator "tensorrt".

Names and types of github.com/triton-inference-server/onnxruntime_backend, README.md ("Parameter mapping between ONNX
Runtime and Triton ONNXRuntime Backend") and src/onnxruntime.cc (ModelState::LoadModel).
"""

from stub_errors import RefusedError
from stub_parameters import boolean, parsed

_PRECISIONS = {"FP32": {}, "FP16": {"trt_fp16_enable": "True"}, "BF16": {"trt_bf16_enable": "True"}}
_PRECISIONS["INT8"] = {"trt_int8_enable": "True"}
# Parameters whose name in ONNX Runtime is another one.
_RENAMED = {
    "max_workspace_size_bytes": "trt_max_workspace_size",
    "int8_calibration_table_name": "trt_int8_calibration_table_name",
    "int8_use_native_calibration_table": "trt_int8_use_native_calibration_table",
}
_INTEGERS = {
    "max_workspace_size_bytes",
    "trt_max_partition_iterations",
    "trt_min_subgraph_size",
    "trt_dla_core",
    "trt_builder_optimization_level",
    "trt_auxiliary_streams",
    "trt_ep_context_embed_mode",
}
_BOOLEANS = {
    "int8_use_native_calibration_table",
    "trt_dla_enable",
    "trt_engine_cache_enable",
    "trt_dump_subgraphs",
    "trt_force_sequential_engine_build",
    "trt_context_memory_sharing_enable",
    "trt_layer_norm_fp32_fallback",
    "trt_timing_cache_enable",
    "trt_force_timing_cache",
    "trt_detailed_build_log",
    "trt_build_heuristics_enable",
    "trt_sparsity_enable",
    "trt_cuda_graph_enable",
    "trt_dump_ep_context_model",
}
_TEXTS = {
    "int8_calibration_table_name",
    "trt_engine_cache_path",
    "trt_engine_cache_prefix",
    "trt_timing_cache_path",
    "trt_tactic_sources",
    "trt_extra_plugin_lib_paths",
    "trt_profile_min_shapes",
    "trt_profile_max_shapes",
    "trt_profile_opt_shapes",
    "trt_ep_context_file_path",
}
KNOWN = {"precision_mode"} | _INTEGERS | _BOOLEANS | _TEXTS


def tensorrt_options(parameters: dict[str, str]) -> dict[str, str]:
    """Return the provider's options; raises RefusedError for an unknown parameter or a wrong value."""
    options: dict[str, str] = {}
    for name, text in parameters.items():
        options.update(_option(name, text))
    return options


def _option(name: str, text: str) -> dict[str, str]:
    if name not in KNOWN:
        raise RefusedError(
            f"unknown parameter '{name}' is provided for TensorRT Execution Accelerator; "
            f"known are: {', '.join(sorted(KNOWN))}"
        )
    if name == "precision_mode":
        return _precision(text)
    if name in _INTEGERS:
        parsed(name, text, int)
    # ONNX Runtime's Python interface takes no other spelling of a truth value (onnxruntime_pybind_state.cc).
    value = str(parsed(name, text, boolean)) if name in _BOOLEANS else text
    return {_RENAMED.get(name, name): value} if value else {}


def _precision(mode: str) -> dict[str, str]:
    if mode not in _PRECISIONS:
        raise RefusedError(f"unsupported precision mode '{mode}' is requested: expected {', '.join(_PRECISIONS)}")
    return _PRECISIONS[mode]
