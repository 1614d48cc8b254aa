"""ONNX Runtime's session and run options for the parameters of a Triton model config.

Names, values and defaults of github.com/triton-inference-server/onnxruntime_backend, README.md ("Model Config
Options") and src/onnxruntime.cc (ModelState). As there, other parameters are ignored.
"""

from typing import Any

import onnxruntime
from stub_errors import RefusedError
from stub_parameters import boolean, engine_cores, parameter

_GRAPH_LEVELS = {
    -1: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    0: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
    1: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    2: onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
}
_EXECUTION_MODES = {
    0: onnxruntime.ExecutionMode.ORT_SEQUENTIAL,
    1: onnxruntime.ExecutionMode.ORT_PARALLEL,
}
_ARENA_SHRINKAGE = "memory.enable_memory_arena_shrinkage"
_DEVICE_INITIALIZERS = "session.use_device_allocator_for_initializers"


def session_options(config: dict[str, Any]) -> onnxruntime.SessionOptions:
    """Return the session options that a config's `parameters` and `optimization` ask for; raises RefusedError."""
    options = onnxruntime.SessionOptions()
    level = int(config.get("optimization", {}).get("graph", {}).get("level", 0))
    options.graph_optimization_level = _GRAPH_LEVELS.get(level, _GRAPH_LEVELS[0])
    mode = parameter(config, "execution_mode", int, default=0)
    if mode not in _EXECUTION_MODES:
        raise RefusedError(f"parameter execution_mode is {mode}: expected 0 (sequential) or 1 (parallel)")
    options.execution_mode = _EXECUTION_MODES[mode]
    _set_threads(options, config)
    options.enable_cpu_mem_arena = parameter(config, "enable_mem_arena", boolean, default=True)
    options.enable_mem_pattern = parameter(config, "enable_mem_pattern", boolean, default=True)
    initializers = parameter(config, _DEVICE_INITIALIZERS, str, default="")
    if initializers:
        options.add_session_config_entry(_DEVICE_INITIALIZERS, initializers)
    return options


def run_options(config: dict[str, Any]) -> onnxruntime.RunOptions:
    """Return the options of each run."""
    options = onnxruntime.RunOptions()
    arenas = parameter(config, _ARENA_SHRINKAGE, str, default="")
    if arenas:
        options.add_run_config_entry(_ARENA_SHRINKAGE, arenas)
    return options


def _set_threads(options: onnxruntime.SessionOptions, config: dict[str, Any]) -> None:
    # 0, and what is below, leaves the choice open: the cores given to engines, or ONNX Runtime's own, one per core.
    threads = max(parameter(config, "intra_op_thread_count", int, default=0), 0)
    options.intra_op_num_threads = threads or engine_cores()
    options.inter_op_num_threads = max(parameter(config, "inter_op_thread_count", int, default=0), 0)
    # Idle threads sleep: client, gateway and model share the cores here. With 2 threads on 2 cores beside a busy
    # process, spinning took 61 % of the CPU time instead of 16 % at 300 runs/s, and reached 1.7k runs/s, not 2.8k.
    # The C++ backend offers no such choice; one intra-op thread never spins.
    for pool in ("intra", "inter"):
        options.add_session_config_entry(f"session.{pool}_op.allow_spinning", "0")
