"""What a model behind Triton takes and gives, whatever its inputs are."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

Input = TypeVar("Input")
Row = TypeVar("Row")
_Input_contra = TypeVar("_Input_contra", contravariant=True)


class Reply(NamedTuple, Generic[Row]):
    """What a model says of N inputs: one row for each, and the version that said it."""

    version: str
    rows: list[Row]


class Model(Protocol[_Input_contra, Row]):
    """A model that answers several inputs in one call; raises ScoringError."""

    async def infer(self, inputs: Sequence[_Input_contra], until: float) -> Reply[Row]:
        """Return one row for each input before the time `until` (of `time.monotonic`)."""
        ...
