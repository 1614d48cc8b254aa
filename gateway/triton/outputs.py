"""A reply's tensors, checked before anyone believes them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def outputs(reply: Any) -> dict[str, tuple[Any, bytes]]:
    """Return the outputs of a ModelInferResponse by name: description and content. Raises ValueError."""
    return {output.name: (output, raw) for output, raw in zip(reply.outputs, reply.raw_output_contents, strict=True)}


def matrix(found: dict[str, tuple[Any, bytes]], name: str, datatype: str, dtype: str, rows: int) -> NDArray[Any]:
    """Return an output of `rows` rows and at least one column. Raises KeyError or ValueError."""
    output, raw = found[name]
    shape = tuple(output.shape)
    if output.datatype != datatype or len(shape) != 2 or shape[0] != rows or shape[1] < 1:
        raise ValueError(f"{name} is {output.datatype} {list(shape)}, not {datatype} [{rows},k]")
    return np.frombuffer(raw, dtype).reshape(shape)
