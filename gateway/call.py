"""One request, from its head to its reply: who asks, until when, how much, and where the time went."""

from typing import Literal, NamedTuple

from gateway.access.client import Client
from gateway.errors import ScoringError
from gateway.telemetry.trace import Trace
from gateway.timing import Timing

Protocol = Literal["http", "grpc"]


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
        "arrival", "client", "decode", "encode", "error", "items", "method", "protocol", "read", "received",
        "sent", "status", "timing", "trace", "until", "version",
    )  # fmt: skip

    def __init__(self, protocol: Protocol, method: str, arrival: float, until: float, trace: Trace) -> None:
        self.protocol = protocol
        self.method = method  # such as "faq.match": one of few, unlike a path
        self.arrival = arrival
        self.until = until
        self.trace = trace
        self.client: Client | None = None  # until it is known
        self.received = 0  # bytes of body
        self.items = 0  # questions or images
        self.read = self.decode = self.encode = 0.0
        self.timing: Timing | None = None  # where the model answered
        self.version = ""  # of the model that answered
        self.status = 0  # HTTP's, also of calls over gRPC; 499 where the client hung up
        self.error: ScoringError | None = None
        self.sent = 0  # bytes of body

    @property
    def client_name(self) -> str:
        """The client's name, "" while it is not known."""
        return self.client.name if self.client else ""
