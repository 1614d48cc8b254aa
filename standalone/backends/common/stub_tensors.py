"""Tensors of requests: put together along the batch axis, taken apart again, decoded as text."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]


def merge(requests: Sequence[Tensors]) -> Tensors:
    """Return one tensor per input, [rows of all requests, ...]; shapes after the batch axis are equal.

    Triton's batcher puts only requests of one shape together.
    """
    if len(requests) == 1:
        return requests[0]
    return {name: np.concatenate([request[name] for request in requests]) for name in requests[0]}


def split(outputs: Tensors, rows: Sequence[int]) -> list[Tensors]:
    """Return the outputs of each request, given how many rows each one had.

    Raises ValueError when an output has another number of rows than the batch.
    """
    for name, tensor in outputs.items():
        if tensor.ndim == 0 or len(tensor) != sum(rows):
            raise ValueError(f"output '{name}' has shape {list(tensor.shape)} for a batch of {sum(rows)}")
    bounds = list(pairwise(accumulate(rows, initial=0)))
    return [{name: tensor[start:end] for name, tensor in outputs.items()} for start, end in bounds]


def as_text(name: str, tensor: NDArray[Any]) -> NDArray[Any]:
    """Return a tensor of bytes objects as one of str: ONNX Runtime would read b'a' as the text "b'a'".

    Raises ValueError, without the text, for what is not UTF-8.
    """
    try:
        texts = [element.decode() for element in tensor.flat]
    except UnicodeDecodeError:
        raise ValueError(f"input '{name}' is not valid UTF-8") from None
    return np.array(texts, dtype=np.object_).reshape(tensor.shape)
