"""How well a replica is, for who picks one and for who watches."""

from enum import IntEnum
from typing import NamedTuple


class ReplicaState(NamedTuple):
    """What is known of one Triton, for gauges.

    `breaker` is 0 while it gets calls, 1 while one call tries it again, 2 while it gets none, be it for one model.
    """

    address: str
    breaker: int
    in_flight: int  # calls that it has not answered yet
    retries: int  # calls that it failed and that were made again, since the start


class Standing(IntEnum):
    """How fit a replica is to be asked for a model, best first."""

    USABLE = 0
    CONNECTING = 1
    STRANGE = 2  # of late it answered with a version whose catalog is not here
    DUE = 3  # its breaker is open, and one call may try it
    SHUT = 4  # its breaker is open
    HANGING = 5
    UNREACHABLE = 6
