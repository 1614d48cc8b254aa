"""Open an ONNX Runtime session with the parameters of a Triton model config.

Names, values and defaults of github.com/triton-inference-server/onnxruntime_backend, README.md ("Model Config
Options") and src/onnxruntime.cc (ModelState).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import onnxruntime
from onnx_contract import RefusedError
from onnxruntime.capi import onnxruntime_pybind11_state as state

_T = TypeVar("_T")

# ONNX Runtime's exceptions have no base of their own; its Python layer raises the last two.
ORT_ERRORS: tuple[type[Exception], ...] = (
    *(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    RuntimeError,
    ValueError,
)
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
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_ARENA_SHRINKAGE = "memory.enable_memory_arena_shrinkage"
_CPU = "CPUExecutionProvider"
_PROVIDERS = {"openvino": "OpenVINOExecutionProvider"}


def open_session(version_folder: Path, config: dict[str, Any]) -> onnxruntime.InferenceSession:
    """Return a session for the ONNX file of a version folder.

    Raises RefusedError when the file is missing or cannot be read, or a parameter has no meaning.
    """
    # Resolved: messages name the operator's file, not the link to it that Triton was given.
    path = (version_folder / (config.get("default_model_filename") or "model.onnx")).resolve()
    if path.is_dir():
        path /= "model.onnx"
    if not path.is_file():
        raise RefusedError(f"unable to find '{path}'")
    options, providers = session_options(config), _providers(config)
    try:
        return onnxruntime.InferenceSession(path, options, providers=providers)
    except ORT_ERRORS as error:
        raise RefusedError(f"unable to read '{path}': {error}") from None


def session_options(config: dict[str, Any]) -> onnxruntime.SessionOptions:
    """Return the session options that a config's `parameters` and `optimization` ask for."""
    options = onnxruntime.SessionOptions()
    level = int(config.get("optimization", {}).get("graph", {}).get("level", 0))
    options.graph_optimization_level = _GRAPH_LEVELS.get(level, _GRAPH_LEVELS[0])
    mode = _parameter(config, "execution_mode", int, default=0)
    if mode not in _EXECUTION_MODES:
        raise RefusedError(f"parameter execution_mode is {mode}: expected 0 (sequential) or 1 (parallel)")
    options.execution_mode = _EXECUTION_MODES[mode]
    # 0, and what is below, leaves the choice to ONNX Runtime: one thread per core.
    options.intra_op_num_threads = max(_parameter(config, "intra_op_thread_count", int, default=0), 0)
    options.inter_op_num_threads = max(_parameter(config, "inter_op_thread_count", int, default=0), 0)
    # Idle threads sleep: client, gateway and model share the cores here. With 2 threads on 2 cores beside a busy
    # process, spinning took 61 % of the CPU time instead of 16 % at 300 runs/s, and reached 1.7k runs/s, not 2.8k.
    # The C++ backend offers no such choice; one intra-op thread never spins.
    for pool in ("intra", "inter"):
        options.add_session_config_entry(f"session.{pool}_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = _parameter(config, "enable_mem_arena", _boolean, default=True)
    options.enable_mem_pattern = _parameter(config, "enable_mem_pattern", _boolean, default=True)
    return options


def run_options(config: dict[str, Any]) -> onnxruntime.RunOptions:
    """Return the options of each run."""
    options = onnxruntime.RunOptions()
    arenas = _parameter(config, _ARENA_SHRINKAGE, str, default="")
    if arenas:
        options.add_run_config_entry(_ARENA_SHRINKAGE, arenas)
    return options


def _providers(config: dict[str, Any]) -> list[str]:
    accelerators = config.get("optimization", {}).get("execution_accelerators", {})
    names = [accelerator["name"] for accelerator in accelerators.get("cpu_execution_accelerator", [])]
    unknown = [name for name in names if name not in _PROVIDERS]
    if unknown:
        raise RefusedError(f"unknown Execution Accelerator '{unknown[0]}' is requested")
    absent = [name for name in names if _PROVIDERS[name] not in onnxruntime.get_available_providers()]
    if absent:
        raise RefusedError(
            f"Execution Accelerator '{absent[0]}' is requested, and the installed onnxruntime lacks it: "
            f"install onnxruntime-{absent[0]} in its place"
        )
    return [*(_PROVIDERS[name] for name in names), _CPU]


def _parameter(config: dict[str, Any], name: str, parse: Callable[[str], _T], default: _T) -> _T:
    given = config.get("parameters", {}).get(name)
    if given is None:
        return default
    text = given.get("string_value", "")
    try:
        return parse(text)
    except (KeyError, ValueError):
        raise RefusedError(f"parameter {name} is '{text}': expected {_EXPECTED[parse]}") from None


def _boolean(text: str) -> bool:
    return _BOOLEANS[text.lower()]


_EXPECTED: dict[Any, str] = {int: "an integer", _boolean: "true or false"}
