"""One call to Triton, as the batcher reports it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gateway.telemetry.trace import Trace


class ModelCall(NamedTuple):
    """A call to a model that has ended. Times are of `time.monotonic`."""

    model: str
    trace: Trace | None  # of the call: a child of its first sampled member, None if no member is sampled
    members: Sequence[Trace]  # of the requests in it
    started: float
    ended: float
    inputs: int  # questions or images
    error: str  # class name of the ScoringError, "" if there was none


class CallObserver(Protocol):
    """Someone who wants to know of every call."""

    def called(self, call: ModelCall) -> None:
        """Take note of a call that has ended."""
        ...
