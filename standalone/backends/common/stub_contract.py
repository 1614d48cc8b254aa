"""Check that a model file keeps what its Triton config promises, as strictly as the C++ backends do at load.

Rules of github.com/triton-inference-server: onnxruntime_backend, src/onnxruntime.cc (ValidateInputs, ValidateOutputs)
and src/onnxruntime_utils.cc (CompareDimsSupported); openvino_backend, src/openvino.cc and src/openvino_utils.cc (the
same names). A config that passes here loads in the cluster too.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stub_errors import RefusedError

# What the C++ backends can do and these cannot: refused, because ignoring it would give other answers.
_UNSUPPORTED_BLOCKS = ("sequence_batching", "batch_input", "batch_output", "model_operations")
_UNSUPPORTED_FLAGS = ("allow_ragged_batch", "optional", "is_shape_tensor")


class Promise(NamedTuple):
    """An input or output of a model file: its Triton data type, and its shape with -1 for a dimension of any size.

    `data_type` holds the engine's own name of a type that Triton does not know.
    """

    name: str
    data_type: str
    shape: list[int]


def check_contract(
    config: dict[str, Any], inputs: Sequence[Promise], outputs: Sequence[Promise], *, exact: bool
) -> None:
    """Check a model config against the inputs and outputs of its file.

    A dimension that the file leaves open may be fixed by the config for inputs, for outputs only if not `exact`.
    Raises RefusedError for a tensor that is missing or unknown, or has another type or shape.
    """
    _check_supported(config)
    promised = config.get("input", [])
    if len(promised) != len(inputs):
        raise RefusedError(f"configuration expects {len(promised)} inputs, model provides {len(inputs)}")
    if not config.get("output"):
        provided = ", ".join(sorted(output.name for output in outputs))
        raise RefusedError(f"configuration names no output, model provides: {provided}")
    for tensor in promised:
        _check_tensor("input", tensor, inputs, config["max_batch_size"], exact=False)
    for tensor in config["output"]:
        _check_tensor("output", tensor, outputs, config["max_batch_size"], exact=exact)


def _check_supported(config: dict[str, Any]) -> None:
    blocks = [block for block in _UNSUPPORTED_BLOCKS if config.get(block)]
    blocks += [flag for flag in _UNSUPPORTED_FLAGS if any(tensor.get(flag) for tensor in config.get("input", []))]
    if config.get("model_transaction_policy", {}).get("decoupled"):
        blocks.append("decoupled")
    if blocks:
        raise RefusedError(f"configuration uses {', '.join(blocks)}, which the standalone server does not support")


def _check_tensor(
    kind: str, promised: dict[str, Any], provided: Sequence[Promise], max_batch: int, *, exact: bool
) -> None:
    name = promised["name"]
    found = next((promise for promise in provided if promise.name == name), None)
    if found is None:
        allowed = ", ".join(sorted(promise.name for promise in provided))
        raise RefusedError(f"unexpected inference {kind} '{name}', allowed {kind}s are: {allowed}")
    if promised["data_type"] != found.data_type:
        raise RefusedError(
            f"configuration expects datatype {promised['data_type']} for {kind} '{name}', "
            f"model provides {found.data_type}"
        )
    _check_shape(promised, found, max_batch, exact=exact)


def _check_shape(promised: dict[str, Any], found: Promise, max_batch: int, *, exact: bool) -> None:
    shape = found.shape
    if not shape:
        raise RefusedError(f"tensor '{found.name}' is a scalar, which the standalone server does not support")
    if max_batch > 0 and shape[0] != -1:
        raise RefusedError(
            f"tensor '{found.name}': max_batch_size is {max_batch}, so the first dimension must be -1 (dynamic); "
            f"but the shape expected by the model is {shape}"
        )
    # A reshape says what the model gets in place of the dims that clients see; [] takes a dimension away.
    reshape = promised.get("reshape")
    dims = [int(size) for size in (promised["dims"] if reshape is None else reshape.get("shape", []))]
    full = [-1, *dims] if max_batch > 0 else dims
    if not _fits(shape, full, exact=exact):
        batch = " (with the batch axis that max_batch_size > 0 puts first)" if max_batch > 0 else ""
        raise RefusedError(
            f"tensor '{found.name}': the model expects {len(shape)} dimensions (shape {shape}) "
            f"but the model configuration specifies {len(full)} dimensions, shape {full}{batch}"
        )


def _fits(shape: list[int], full: list[int], *, exact: bool) -> bool:
    if len(shape) != len(full):
        return False
    return all(
        of_model == of_config or (of_model == -1 and not exact) for of_model, of_config in zip(shape, full, strict=True)
    )
