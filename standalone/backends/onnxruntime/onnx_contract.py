"""Check that an ONNX file keeps what its Triton config promises, as strictly as the C++ backend does at load.

Rules of github.com/triton-inference-server/onnxruntime_backend: src/onnxruntime.cc (ValidateInputs, ValidateOutputs)
and src/onnxruntime_utils.cc (CompareDimsSupported). A config that passes here loads in the cluster too.
"""

from collections.abc import Sequence
from typing import Any

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
# What the C++ backend can do and this one cannot: refused, because ignoring it would give other answers.
_UNSUPPORTED_BLOCKS = ("sequence_batching", "batch_input", "batch_output", "model_operations")
_UNSUPPORTED_FLAGS = ("allow_ragged_batch", "optional", "is_shape_tensor")


class RefusedError(Exception):
    """The model cannot be served as its config says; the message names the fault."""


def check_contract(config: dict[str, Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    """Check a model config against the inputs and outputs (`NodeArg`s) of an ONNX Runtime session.

    Raises RefusedError for a tensor that is missing or unknown, or has another type or shape.
    """
    _check_supported(config)
    promised = config.get("input", [])
    if len(promised) != len(inputs):
        raise RefusedError(f"configuration expects {len(promised)} inputs, model provides {len(inputs)}")
    # A dimension that the model leaves open may be fixed by the config for inputs, not for outputs.
    for tensor in promised:
        _check_tensor("input", tensor, inputs, config["max_batch_size"], exact=False)
    for tensor in config.get("output", []):
        _check_tensor("output", tensor, outputs, config["max_batch_size"], exact=True)


def _check_supported(config: dict[str, Any]) -> None:
    blocks = [block for block in _UNSUPPORTED_BLOCKS if config.get(block)]
    blocks += [flag for flag in _UNSUPPORTED_FLAGS if any(tensor.get(flag) for tensor in config.get("input", []))]
    if config.get("model_transaction_policy", {}).get("decoupled"):
        blocks.append("decoupled")
    if blocks:
        raise RefusedError(f"configuration uses {', '.join(blocks)}, which the standalone server does not support")


def _check_tensor(kind: str, promised: dict[str, Any], provided: Sequence[Any], max_batch: int, *, exact: bool) -> None:
    name = promised["name"]
    node = next((node for node in provided if node.name == name), None)
    if node is None:
        allowed = ", ".join(sorted(node.name for node in provided))
        raise RefusedError(f"unexpected inference {kind} '{name}', allowed {kind}s are: {allowed}")
    provided_type = _triton_type(node)
    if promised["data_type"] != provided_type:
        raise RefusedError(
            f"configuration expects datatype {promised['data_type']} for {kind} '{name}', "
            f"model provides {provided_type}"
        )
    _check_shape(promised, node, max_batch, exact=exact)


def _triton_type(node: Any) -> str:
    outer, _, element = node.type.removesuffix(")").partition("(")
    if outer != "tensor":
        raise RefusedError(f"'{node.name}' is no tensor but {node.type}; export a classifier with zipmap off")
    return _TRITON_TYPES.get(element, f"unsupported type {element}")


def _check_shape(promised: dict[str, Any], node: Any, max_batch: int, *, exact: bool) -> None:
    shape = [size if isinstance(size, int) else -1 for size in node.shape]
    if not shape:
        raise RefusedError(f"tensor '{node.name}' is a scalar, which the standalone server does not support")
    if max_batch > 0 and shape[0] != -1:
        raise RefusedError(
            f"tensor '{node.name}': max_batch_size is {max_batch}, so the first dimension must be -1 (dynamic); "
            f"but the shape expected by the model is {shape}"
        )
    # A reshape says what the model gets in place of the dims that clients see; [] takes a dimension away.
    reshape = promised.get("reshape")
    dims = [int(size) for size in (promised["dims"] if reshape is None else reshape.get("shape", []))]
    full = [-1, *dims] if max_batch > 0 else dims
    if not _fits(shape, full, exact=exact):
        batch = " (with the batch axis that max_batch_size > 0 puts first)" if max_batch > 0 else ""
        raise RefusedError(
            f"tensor '{node.name}': the model expects {len(shape)} dimensions (shape {shape}) "
            f"but the model configuration specifies {len(full)} dimensions, shape {full}{batch}"
        )


def _fits(shape: list[int], full: list[int], *, exact: bool) -> bool:
    if len(shape) != len(full):
        return False
    return all(
        of_model == of_config or (of_model == -1 and not exact) for of_model, of_config in zip(shape, full, strict=True)
    )
