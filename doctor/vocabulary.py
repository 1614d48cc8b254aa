"""Names that Triton and its backends know.

github.com/triton-inference-server: backend/README.md, onnxruntime_backend (README.md, src/onnxruntime.cc) and
openvino_backend (README.md, src/openvino.cc). What these do not know they ignore without a word.
"""

# Backends of the containers on NGC; those that this project has a model for come first.
BACKENDS = (
    "onnxruntime", "openvino", "tensorrt", "python", "pytorch", "dali", "fil", "identity", "repeat", "square", "vllm",
    "tensorrtllm", "ensemble",
)  # fmt: skip
OPENVINO_PARAMETERS = {
    "PERFORMANCE_HINT", "NUM_STREAMS", "INFERENCE_NUM_THREADS", "COMPILATION_NUM_THREADS", "HINT_BF16", "TARGET_DEVICE",
    "SKIP_OV_DYNAMIC_BATCHSIZE", "ENABLE_BATCH_PADDING", "RESHAPE_IO_LAYERS", "CPU_EXTENSION_PATH",
}  # fmt: skip
ONNXRUNTIME_PARAMETERS = {
    "intra_op_thread_count", "inter_op_thread_count", "execution_mode", "enable_mem_arena", "enable_mem_pattern",
    "memory.enable_memory_arena_shrinkage", "session.use_device_allocator_for_initializers", "cudnn_conv_algo_search",
    "gpu_mem_limit", "arena_extend_strategy", "do_copy_in_default_stream",
}  # fmt: skip
CPU_ACCELERATORS = {"openvino"}
GPU_ACCELERATORS = {"tensorrt", "cuda"}
TENSORRT_PARAMETERS = {
    "precision_mode", "max_workspace_size_bytes", "int8_calibration_table_name", "int8_use_native_calibration_table",
    "trt_max_partition_iterations", "trt_min_subgraph_size", "trt_dla_enable", "trt_dla_core",
    "trt_builder_optimization_level", "trt_auxiliary_streams", "trt_ep_context_embed_mode", "trt_engine_cache_enable",
    "trt_dump_subgraphs", "trt_force_sequential_engine_build", "trt_context_memory_sharing_enable",
    "trt_layer_norm_fp32_fallback", "trt_timing_cache_enable", "trt_force_timing_cache", "trt_detailed_build_log",
    "trt_build_heuristics_enable", "trt_sparsity_enable", "trt_cuda_graph_enable", "trt_dump_ep_context_model",
    "trt_engine_cache_path", "trt_engine_cache_prefix", "trt_timing_cache_path", "trt_tactic_sources",
    "trt_extra_plugin_lib_paths", "trt_profile_min_shapes", "trt_profile_max_shapes", "trt_profile_opt_shapes",
    "trt_ep_context_file_path",
}  # fmt: skip
