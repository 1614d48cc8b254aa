"""What an ONNX file must be to be read at all: sound, self-contained, made of operators that servers have."""

from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import version_converter

from converters.errors import ModelError
from converters.image.core import IR_VERSION, OPSET
from converters.image.onnx_external import LARGEST, take_in
from converters.image.onnx_parts import drop_unused_domains, parts

_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}  # of the operators in ONNX Runtime's builds for servers


def read(path: Path) -> onnx.ModelProto:
    """The model in a file, external data included; raises ModelError for anything else than a sound ONNX model."""
    try:
        if path.exists() and not path.is_file():
            raise ModelError("it is not a file", hint="name the .onnx file itself")
        if (size := path.stat().st_size) > LARGEST:
            raise ModelError(f"it has {size:,} bytes, more than {LARGEST:,}", hint="is it an ONNX file?")
        model = onnx.load_model_from_string(path.read_bytes())
        take_in(model, path.parent)
        _check_soundness(model)
    except OSError as reason:
        raise ModelError(f"it cannot be read: {reason.strerror}", hint="check the path and its permissions") from reason
    except DecodeError as reason:
        raise _no_model() from reason
    return model


def _check_soundness(model: onnx.ModelProto) -> None:
    if not model.graph.node:
        raise _no_model()
    local = {function.domain for function in model.functions}
    for node in parts(model, onnx.NodeProto):
        if node.domain not in _DOMAINS | local:
            raise ModelError(
                f"it uses the operator {node.op_type[:60]} of {node.domain[:60]!r}, which ONNX Runtime does not have",
                hint="export with standard ONNX operators, before any engine's own optimisation",
            )
    try:
        onnx.checker.check_model(model)
    except Exception as reason:  # its C++ part raises more than ValidationError
        raise ModelError(f"it is no valid ONNX model: {reason}", hint="export it again") from reason


def _no_model() -> ModelError:
    return ModelError("it is not an ONNX model, or is truncated", hint="fetch or export the file again")


def converted(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model in the operator set and file version that the whole stack reads; raises ModelError."""
    opset = next((item.version for item in model.opset_import if item.domain in {"", "ai.onnx"}), 0)
    if opset != OPSET:
        try:
            model = version_converter.convert_version(model, OPSET)
        except Exception as reason:  # it is C++ that knows no operator but its own
            raise ModelError(
                f"its operator set {opset} cannot be converted to {OPSET}: {reason}",
                hint=f"export with opset_version={OPSET}",
            ) from reason
    model.ir_version = IR_VERSION
    drop_unused_domains(model)
    return model
