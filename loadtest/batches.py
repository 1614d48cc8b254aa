"""Items in groups, for requests and tensors that hold several."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """Return lists of `size` items, as many as there are items: each item opens one."""
    twice = [*items, *islice(items, size)]
    while len(twice) < len(items) + size:  # fewer items than the batch is long
        twice += items
    return (twice[start : start + size] for start in range(len(items)))
