"""OpenVINO as the engine of a stub."""

from pathlib import Path
from typing import Any

from openvino_properties import properties
from stub_contract import Promise
from stub_errors import RefusedError
from stub_tensors import Tensors

try:
    import openvino
except ImportError as error:
    raise ImportError(f"{error}; the backend openvino needs that package: pip install openvino") from None

_DEVICE = "CPU"
# Element types by their names in OpenVINO; the C++ backend knows no other (src/openvino_utils.cc).
_TRITON_TYPES = {
    "boolean": "TYPE_BOOL",
    "u8": "TYPE_UINT8",
    "u16": "TYPE_UINT16",
    "u32": "TYPE_UINT32",
    "u64": "TYPE_UINT64",
    "i8": "TYPE_INT8",
    "i16": "TYPE_INT16",
    "i32": "TYPE_INT32",
    "i64": "TYPE_INT64",
    "f16": "TYPE_FP16",
    "f32": "TYPE_FP32",
}


class OpenVinoEngine:
    """A compiled model and one infer request; see `stub_model.Engine`.

    The C++ backend compiles a model once for all its instances, and each of those has an infer request. Here every
    instance is a process of its own that uses one of the NUM_STREAMS: the threads per request are the same, the
    memory is needed once for each instance.
    """

    opens_outputs = True
    errors: tuple[type[Exception], ...] = (RuntimeError, TypeError, ValueError)

    def __init__(self, folder: Path, config: dict[str, Any], args: dict[str, str]) -> None:
        """Read and compile the file. Raises RefusedError when that fails, or for what the C++ backend refuses."""
        _check_kind(args["model_instance_kind"])
        _check_batching(config["max_batch_size"])
        path, asked = _find(folder, config), properties(config)
        core = openvino.Core()
        try:
            model = core.read_model(path)
        except RuntimeError as error:
            raise RefusedError(f"unable to read '{path}': {_said_by(error)}") from None
        self.inputs = [_promise(port) for port in model.inputs]
        self.outputs = [_promise(port) for port in model.outputs]
        try:
            self._request = core.compile_model(model, _DEVICE, asked).create_infer_request()
        except RuntimeError as error:
            raise RefusedError(f"unable to compile '{path}': {_said_by(error)}") from None

    def run(self, inputs: Tensors, names: list[str]) -> Tensors:
        """Return copies of the named outputs: the next request overwrites what OpenVINO computed into."""
        try:
            results = self._request.infer(inputs)
        except RuntimeError as error:
            raise RuntimeError(_said_by(error)) from None
        return {name: results[name] for name in names}


def _check_kind(kind: str) -> None:
    if kind != "CPU":
        raise RefusedError(f"an instance has KIND_{kind}, and the backend openvino supports only KIND_CPU")


def _check_batching(max_batch_size: int) -> None:
    if max_batch_size > 0:
        raise RefusedError(
            f"max_batch_size is {max_batch_size}: the backend openvino would compile the model for batches of exactly "
            f"{max_batch_size} and refuse all others. Say max_batch_size: 0, put the batch axis into dims (-1 first), "
            f"and let the gateway merge requests"
        )


def _find(folder: Path, config: dict[str, Any]) -> Path:
    # Resolved: messages name the operator's file, not the link to it that Triton was given.
    path = (folder / (config.get("default_model_filename") or "model.xml")).resolve()
    if not path.exists():
        raise RefusedError(f"unable to find '{path}'; another name is said with default_model_filename")
    return path


def _said_by(error: Exception) -> str:
    """Return an error of OpenVINO in one line, without the places in its source that it passed through."""
    lines = [line.strip() for line in str(error).splitlines()]
    return " ".join(line for line in lines if line and not line.startswith("Exception from "))


def _promise(port: Any) -> Promise:
    element = port.get_element_type().get_type_name()
    if port.get_partial_shape().rank.is_dynamic:
        raise RefusedError(f"tensor '{port.get_any_name()}' has no fixed number of dimensions")
    shape = [size.get_length() if size.is_static else -1 for size in port.get_partial_shape()]
    return Promise(port.get_any_name(), _TRITON_TYPES.get(element, f"unsupported type {element}"), shape)
