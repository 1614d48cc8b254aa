"""Traces: spans are made of what has ended, and sent; imported only where traces are sent."""

from gateway.call import Call
from gateway.inference import ModelCall
from gateway.telemetry.span_sender import SpanSender
from gateway.telemetry.spans import SpanMaker, stages

_LAST_WORDS = 1.0  # seconds that a gateway which stops waits for the collector


class Tracing:
    """Traces of one process."""

    def __init__(self, endpoint: str) -> None:
        """Send to the collector at this address. Raises SettingsError when it is none."""
        self._maker = SpanMaker()
        self._sender = SpanSender(endpoint)

    def start(self) -> None:
        """Begin to send."""
        self._sender.start()

    def close(self) -> None:
        """Send what is left, or drop it; returns within two seconds or so."""
        self._sender.close(_LAST_WORDS)

    def ended(self, call: Call, error: str, ended: float) -> None:
        """Record a request that ended at a time of `time.monotonic`."""
        self._sender.put(1 + len(stages(call)), lambda: self._maker.of_request(call, error, ended))

    def called(self, call: ModelCall) -> None:
        """Record a call to Triton."""
        self._sender.put(1, lambda: self._maker.of_call(call))

    def sent(self) -> int:
        """Return how many spans the collector took."""
        return self._sender.sent

    def dropped(self) -> int:
        """Return how many spans are lost."""
        return self._sender.dropped
