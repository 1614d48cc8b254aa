"""Options of ONNX Runtime's CUDA provider for a Triton model config.

Names, values and defaults of github.com/triton-inference-server/onnxruntime_backend, README.md ("ONNX Runtime with
CUDA Execution Provider optimization") and src/onnxruntime.cc (ModelState::LoadModel).
"""

from typing import Any

from stub_errors import RefusedError
from stub_parameters import boolean, parameter, parsed

_ALGORITHMS = {0: "EXHAUSTIVE", 1: "HEURISTIC", 2: "DEFAULT"}
_STRATEGIES = {0: "kNextPowerOfTwo", 1: "kSameAsRequested"}
_BOOLEANS = ("do_copy_in_default_stream", "use_ep_level_unified_stream")
_UNLIMITED = 2**64 - 1  # bytes


def cuda_options(config: dict[str, Any], asked: dict[str, str]) -> dict[str, str]:
    """Return the provider's options; `asked` are the parameters of the accelerator "cuda".

    Raises RefusedError for a value that the C++ backend refuses, and for one that it would drop.
    """
    for name in _BOOLEANS:
        if name in asked:
            parsed(name, asked[name], boolean)
    # Four options have a second, older place: the model's own parameters.
    by_model = _from_model(config)
    lost = sorted(asked.keys() & by_model.keys() - config.get("parameters", {}).keys())
    if lost:
        raise RefusedError(
            f"parameter {lost[0]} of the accelerator 'cuda' is replaced by its default as soon as the model has "
            f"parameters of its own: state it among those"
        )
    return {**asked, **by_model}


def _from_model(config: dict[str, Any]) -> dict[str, str]:
    # A config without parameters leaves these to ONNX Runtime; one with any gets the default of each.
    if not config.get("parameters"):
        return {}
    return {
        "cudnn_conv_algo_search": _choice(config, "cudnn_conv_algo_search", _ALGORITHMS),
        "gpu_mem_limit": str(parameter(config, "gpu_mem_limit", int, default=_UNLIMITED)),
        "arena_extend_strategy": _choice(config, "arena_extend_strategy", _STRATEGIES),
        "do_copy_in_default_stream": str(int(parameter(config, "do_copy_in_default_stream", boolean, default=True))),
    }


def _choice(config: dict[str, Any], name: str, meanings: dict[int, str]) -> str:
    number = parameter(config, name, int, default=0)
    if number not in meanings:
        raise RefusedError(f"unsupported {name} value '{number}' is requested: expected {_listed(meanings)}")
    return meanings[number]


def _listed(meanings: dict[int, str]) -> str:
    return ", ".join(f"{number} ({meaning})" for number, meaning in meanings.items())
