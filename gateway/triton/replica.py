"""One Triton among several."""

from typing import NamedTuple


class ReplicaState(NamedTuple):
    """What is known of one Triton, for gauges.

    `breaker` is 0 while it gets calls, 1 while one call tries it again, 2 while it gets none.
    """

    address: str
    breaker: int
    in_flight: int  # calls that it has not answered yet
    retries: int  # calls that it failed and that another one, or a second attempt, was asked
