"""ONNX Runtime as the engine of a stub."""

import contextlib
import importlib
from pathlib import Path
from typing import Any

import onnxruntime
from onnx_options import run_options, session_options
from onnx_providers import CUDA, TENSORRT, Provider, check_installed, check_started, providers
from onnxruntime.capi import onnxruntime_pybind11_state as state
from stub_contract import Promise
from stub_errors import RefusedError
from stub_tensors import Tensors

# ONNX Runtime's exceptions have no base of their own; its Python layer raises the last two.
ORT_ERRORS: tuple[type[Exception], ...] = (
    *(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    RuntimeError,
    ValueError,
)
# Element types by their names in ONNX Runtime; the C++ backend knows no other.
_TRITON_TYPES = {
    "bool": "TYPE_BOOL",
    "uint8": "TYPE_UINT8",
    "uint16": "TYPE_UINT16",
    "uint32": "TYPE_UINT32",
    "uint64": "TYPE_UINT64",
    "int8": "TYPE_INT8",
    "int16": "TYPE_INT16",
    "int32": "TYPE_INT32",
    "int64": "TYPE_INT64",
    "float16": "TYPE_FP16",
    "float": "TYPE_FP32",
    "double": "TYPE_FP64",
    "string": "TYPE_STRING",
}


class OnnxEngine:
    """A session on the ONNX file of a version folder; see `stub_model.Engine`."""

    opens_outputs = False
    errors = ORT_ERRORS

    def __init__(self, folder: Path, config: dict[str, Any], args: dict[str, str]) -> None:
        """Open the file. Raises RefusedError when that fails, or a parameter or accelerator has no meaning."""
        wanted = providers(config, args["model_instance_kind"], args["model_instance_device_id"])
        self._session = _session(_find(folder, config), config, wanted)
        self._run_options = run_options(config)
        self.inputs = [_promise(node) for node in self._session.get_inputs()]
        self.outputs = [_promise(node) for node in self._session.get_outputs()]

    def run(self, inputs: Tensors, names: list[str]) -> Tensors:
        """Return the named outputs; raises one of ORT_ERRORS."""
        return dict(zip(names, self._session.run(names, inputs, self._run_options), strict=True))


def _find(folder: Path, config: dict[str, Any]) -> Path:
    # Resolved: messages name the operator's file, not the link to it that Triton was given.
    path = (folder / (config.get("default_model_filename") or "model.onnx")).resolve()
    if path.is_dir():
        path /= "model.onnx"
    if not path.is_file():
        raise RefusedError(f"unable to find '{path}'")
    return path


def _session(path: Path, config: dict[str, Any], wanted: list[Provider]) -> onnxruntime.InferenceSession:
    check_installed(wanted, onnxruntime.get_available_providers())
    _load_gpu_libraries({name for name, _ in wanted})
    try:
        session = onnxruntime.InferenceSession(path, session_options(config), providers=wanted)
    except ORT_ERRORS as error:
        raise RefusedError(f"unable to read '{path}': {error}") from None
    check_started(wanted, session.get_providers())
    return session


def _load_gpu_libraries(wanted: set[str]) -> None:
    """Load CUDA, cuDNN and TensorRT from their Python packages; installed elsewhere, the loader finds them itself."""
    if CUDA in wanted:
        onnxruntime.preload_dlls()
    if TENSORRT in wanted:
        with contextlib.suppress(ImportError):
            importlib.import_module("tensorrt")


def _promise(node: Any) -> Promise:
    outer, _, element = node.type.removesuffix(")").partition("(")
    if outer != "tensor":
        raise RefusedError(f"'{node.name}' is no tensor but {node.type}; export a classifier with zipmap off")
    shape = [size if isinstance(size, int) else -1 for size in node.shape]
    return Promise(node.name, _TRITON_TYPES.get(element, f"unsupported type {element}"), shape)
