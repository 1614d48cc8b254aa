"""Where the time of a request went."""

from typing import NamedTuple


class Timing(NamedTuple):
    """Where the time of a call went: seconds in the queue, seconds in Triton, questions or images in the call."""

    wait: float
    infer: float
    batch: int
