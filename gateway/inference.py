"""What a model behind Triton takes and gives, whatever its inputs are, and who asks it."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from gateway.telemetry.trace import Trace

Input = TypeVar("Input")
Row = TypeVar("Row")
_Input_contra = TypeVar("_Input_contra", contravariant=True)


class Served(NamedTuple):
    """What answers: a version of a model, at the Tritons meant for it or at those that stand in for them."""

    version: str
    stand_in: bool = False


class Reply(NamedTuple, Generic[Row]):
    """What a model says of N inputs: one row for each, and what said it."""

    served: Served
    rows: list[Row]

    @property
    def version(self) -> str:
        """The version that answered."""
        return self.served.version


class Model(Protocol[_Input_contra, Row]):
    """A model that answers several inputs in one call; raises ScoringError."""

    async def infer(self, inputs: Sequence[_Input_contra], until: float, trace: Trace | None) -> Reply[Row]:
        """Return one row for each input before the time `until` (of `time.monotonic`), as part of a recorded trace."""
        ...


class Asker(Protocol):
    """A request, as far as it matters to whoever asks a model on its behalf."""

    @property
    def client_name(self) -> str:
        """Whose turn it takes."""
        ...

    @property
    def until(self) -> float:
        """When it gives up (of `time.monotonic`)."""
        ...

    @property
    def trace(self) -> Trace:
        """The span that a call to the model is part of."""
        ...


class Probe(NamedTuple):
    """A request of the gateway's own: that of no client, and not traced."""

    until: float
    client_name: str = ""
    trace: Trace = Trace(bytes(16), bytes(8), b"", sampled=False)


class ModelCall(NamedTuple):
    """A call to a model that has ended: when (of `time.monotonic`), with how many inputs, and how.

    `members` are the requests that it was made for; `trace` is its own span, a child of the first member's that is
    sampled, None where none is. `error` is the name of the ScoringError that it ended with, "Cancelled" where it was
    cancelled because nobody waited any more or the gateway stopped, empty where it was answered.
    """

    model: str
    trace: Trace | None
    members: Sequence[Trace]
    started: float
    ended: float
    inputs: int
    error: str


class CallObserver(Protocol):
    """Is told of every call to a model."""

    def called(self, call: ModelCall) -> None:
        """Take note of a call that has ended."""
        ...
