"""OpenVINO's properties for the parameters of a Triton model config.

Names and values of github.com/triton-inference-server/openvino_backend, README.md ("Parameters") and src/openvino.cc
(ParseParameter). That one skips a parameter that it does not know, so a misspelt one changes nothing and nobody
learns of it; here it is refused.
"""

from collections.abc import Callable
from typing import Any

from stub_errors import RefusedError
from stub_parameters import engine_cores

# Values are read without regard to case.
_HINTS = {"LATENCY", "THROUGHPUT", "CUMULATIVE_THROUGHPUT"}
_STREAMS = {"AUTO", "NUMA"}
_SWITCH = {"YES", "NO"}


def properties(config: dict[str, Any]) -> dict[str, str | int]:
    """Return the properties to compile a model with; raises RefusedError for a parameter or value without meaning."""
    given = {name: value.get("string_value", "") for name, value in config.get("parameters", {}).items()}
    unknown = sorted(set(given) - set(KNOWN))
    if unknown:
        raise RefusedError(f"unknown parameter {', '.join(unknown)}; the backend openvino takes: {', '.join(KNOWN)}")
    found: dict[str, str | int] = {}
    for name, text in given.items():
        if text:  # an empty one counts as not given
            found.update(KNOWN[name](name, text))
    if not found.get("INFERENCE_NUM_THREADS") and engine_cores():
        found["INFERENCE_NUM_THREADS"] = engine_cores()
    # Pinned threads of two instances, which know nothing of each other, all sit on the first cores: 2 instances of one
    # thread reached 15 images/s on 2 cores pinned, and 41 unpinned. Alone, an instance is as fast.
    found["ENABLE_CPU_PINNING"] = False
    return found


def _number(name: str, text: str) -> dict[str, str | int]:
    if not text.isdecimal():
        raise _wrong(name, text, "a non-negative number")
    return {name: int(text)}


def _hint(name: str, text: str) -> dict[str, str | int]:
    return {name: _one_of(name, text, _HINTS)}


def _streams(name: str, text: str) -> dict[str, str | int]:
    return _number(name, text) if text.isdecimal() else {name: _one_of(name, text, _STREAMS, " or a number")}


def _bf16(name: str, text: str) -> dict[str, str | int]:
    # FP32 cannot be asked for: without this parameter OpenVINO takes what the processor is fastest at.
    _one_of(name, text, {"YES"})
    return {"INFERENCE_PRECISION_HINT": "bf16"}


def _of_batching(name: str, text: str) -> dict[str, str | int]:
    # They change only what happens with max_batch_size > 0, which is refused.
    _one_of(name, text, _SWITCH)
    return {}


def _device(name: str, text: str) -> dict[str, str | int]:
    _one_of(name, text, {"CPU"})
    return {}


def _unsupported(name: str, text: str) -> dict[str, str | int]:
    if text.upper() == "NO":
        return {}
    raise RefusedError(f"parameter {name} is not supported by the standalone server")


def _one_of(name: str, text: str, allowed: set[str], also: str = "") -> str:
    if text.upper() not in allowed:
        raise _wrong(name, text, ", ".join(sorted(allowed)) + also)
    return text.upper()


def _wrong(name: str, text: str, expected: str) -> RefusedError:
    return RefusedError(f"parameter {name} is '{text}': expected {expected}")


KNOWN: dict[str, Callable[[str, str], dict[str, str | int]]] = {
    "PERFORMANCE_HINT": _hint,
    "NUM_STREAMS": _streams,
    "INFERENCE_NUM_THREADS": _number,
    "COMPILATION_NUM_THREADS": _number,
    "HINT_BF16": _bf16,
    "TARGET_DEVICE": _device,
    "SKIP_OV_DYNAMIC_BATCHSIZE": _of_batching,
    "ENABLE_BATCH_PADDING": _of_batching,
    "RESHAPE_IO_LAYERS": _unsupported,
    "CPU_EXTENSION_PATH": _unsupported,
}
