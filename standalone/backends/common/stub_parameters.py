"""Read the `parameters` of a model config, and what `scoring serve` says about the machine."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

from stub_errors import RefusedError

_T = TypeVar("_T")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

# Set by `scoring serve --engine-cores`: threads of an engine whose config leaves their number open.
CORES_VARIABLE = "SCORING_ENGINE_CORES"


def parameter(config: dict[str, Any], name: str, parse: Callable[[str], _T], default: _T) -> _T:
    """Return a parameter of a config, `default` when it is not given or empty.

    Raises RefusedError when `parse` raises KeyError or ValueError; `EXPECTED` says what it would have taken.
    """
    given = config.get("parameters", {}).get(name)
    text = given.get("string_value", "") if given else ""
    return parsed(name, text, parse) if text else default


def parsed(name: str, text: str, parse: Callable[[str], _T]) -> _T:
    """Return what `parse` makes of the text of a parameter; raises RefusedError."""
    try:
        return parse(text)
    except (KeyError, ValueError):
        raise RefusedError(f"parameter {name} is '{text}': expected {EXPECTED[parse]}") from None


def boolean(text: str) -> bool:
    """Read a truth value as triton-inference-server/backend does (src/backend_common.cc, ParseBoolValue)."""
    return _BOOLEANS[text.lower()]


def engine_cores() -> int:
    """Return how many cores an engine may use that chooses for itself; 0 leaves the choice to the engine."""
    return int(os.environ.get(CORES_VARIABLE) or 0)


EXPECTED: dict[Any, str] = {int: "an integer", boolean: "true or false"}
