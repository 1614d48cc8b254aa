"""One request, from its head to its reply: who asks, until when, how much, and where the time went."""

from time import monotonic
from typing import TYPE_CHECKING, Literal, NamedTuple

from gateway.access.client import Client
from gateway.errors import STATUS, ScoringError
from gateway.telemetry.trace import Trace
from gateway.timing import Timing

if TYPE_CHECKING:
    from gateway.limits.admission import Place
    from gateway.limits.quotas import Ticket

Protocol = Literal["http", "grpc"]

CLIENT_GONE = 499  # status of a request whose client hung up before it was answered, as nginx numbers it


class Head(NamedTuple):
    """What is known of a request before its body is read; values as they came, empty where there are none."""

    content_type: bytes = b""
    query: bytes = b""
    length: int | None = None  # bytes of the body, where they are announced
    authorization: bytes = b""
    api_key: bytes = b""
    traceparent: bytes = b""
    request_timeout: bytes = b""


class Call:
    """One request while it is answered; what happens to it is noted here, and told once at its end.

    Times are of `time.monotonic`, durations in seconds. The stages follow each other: `read` (until the body was
    there), `decode` (until it was ready for the model), `timing.wait`, `timing.infer`, `encode` (until the reply was
    made).
    """

    __slots__ = (
        "_answered", "_own_time", "arrival", "client", "decode", "encode", "error", "items", "method", "place",
        "protocol", "read", "received", "sent", "status", "ticket", "timing", "trace", "until", "version",
    )  # fmt: skip

    def __init__(self, protocol: Protocol, method: str, arrival: float, seconds: float, trace: Trace) -> None:
        self.protocol = protocol
        self.method = method  # such as "faq.match": one of few, unlike a path
        self.arrival = arrival
        self.until = arrival + seconds
        self.trace = trace
        self.client: Client | None = None  # until it is known
        self.ticket: Ticket | None = None  # what it holds of its client's quota
        self.place: Place | None = None  # what it holds of its model's room
        self.received = 0  # bytes of body
        self.items = 0  # questions or images
        self.read = self.decode = self.encode = 0.0
        self.timing: Timing | None = None  # where the model answered
        self.version = ""  # of the model that answered
        self.status = 0  # HTTP's, also of calls over gRPC
        self.error: ScoringError | None = None
        self.sent = 0  # bytes of body
        self._own_time = False
        self._answered = 0.0

    @property
    def client_name(self) -> str:
        """The client's name, "" while it is not known."""
        return self.client.name if self.client else ""

    def allow(self, seconds: float) -> None:
        """Give the request the time that it asks for, which its body's arrival is part of."""
        self.until = self.arrival + seconds
        self._own_time = True

    def body_arrived(self, size: int) -> None:
        """Note that the body is there. A request that asked for no time of its own has all of it left."""
        self.received = size
        self.read = monotonic() - self.arrival
        if not self._own_time:
            self.until += self.read

    def expect(self, items: int) -> None:
        """Take room for so many questions or images in all. Raises OverloadedError."""
        self.items = items
        if self.place is not None:
            self.place.expect(items)

    def decoded(self) -> None:
        """Note that all is ready for the model."""
        self.decode = monotonic() - self.arrival - self.read

    def answered(self, timing: Timing, version: str) -> None:
        """Note that the model has answered."""
        self.timing = timing
        self.version = version
        self._answered = monotonic()

    def encoded(self) -> None:
        """Note that the reply is made."""
        self.encode = monotonic() - self._answered

    def refused(self, error: ScoringError) -> None:
        """Note why the request gets no answer.

        The error's traceback is let go: through its frames it would hold the request's body, and be held by them.
        """
        self.error = error
        self.status = STATUS[type(error)].http
        error.__traceback__ = error.__context__ = error.__cause__ = None

    def server_timing(self) -> str:
        """Return where the time went as the value of a Server-Timing header, durations in milliseconds."""
        wait, infer, batch = self.timing or Timing(0.0, 0.0, 0)
        return (
            f"read;dur={self.read * 1e3:.3f}, decode;dur={self.decode * 1e3:.3f}, wait;dur={wait * 1e3:.3f}, "
            f'infer;dur={infer * 1e3:.3f}, encode;dur={self.encode * 1e3:.3f}, batch;desc="{batch}"'
        )
