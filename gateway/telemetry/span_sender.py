"""Sends spans to an OpenTelemetry collector (OTLP over HTTP); imported only where traces are sent.

OpenTelemetry's own BatchSpanProcessor neither counts the spans that it drops nor stops in time when the collector is
slow, so the queue and its thread are ours; encoding and transport are OpenTelemetry's.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from gateway.setting import SettingsError

_log = logging.getLogger(__name__)

_MOST_WAITING = 4096  # spans
_BATCH = 512  # spans in a request to the collector
_PAUSE = 1.0  # seconds in which spans gather
# Seconds after each batch: 4096 spans a second at most, which take a tenth of a core. Whoever sends a `traceparent`
# decides whether a request is recorded, and shall not decide how much of the gateway that costs.
_BREATH = 0.125
_QUIET = 60.0  # seconds between two complaints
_PATH = "/v1/traces"


class SpanSender:
    """A queue of spans and the thread that sends them; what the collector does not take in time is dropped."""

    def __init__(self, endpoint: str) -> None:
        """Send to this collector: an address without a path gets OTLP's own.

        Raises SettingsError for an address that is none.
        """
        _hush()
        self._collector, path = _read(endpoint)
        self._exporter = OTLPSpanExporter(endpoint if path.strip("/") else endpoint.rstrip("/") + _PATH)
        self._queue: deque[ReadableSpan] = deque()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._given_up = False
        self._complained = -_QUIET
        self._thread = threading.Thread(target=self._run, name="span-sender", daemon=True)
        self.sent = 0
        self.dropped = 0

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, number: int, make: Callable[[], Sequence[ReadableSpan]]) -> None:
        """Have so many spans made and sent, or count them as dropped; returns at once."""
        if len(self._queue) + number > _MOST_WAITING:
            self.dropped += number
            return
        self._queue.extend(make())
        if len(self._queue) >= _BATCH:
            self._wake.set()

    def close(self, timeout: float) -> None:
        """Send what is left, for at most so many seconds; drop the rest."""
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._given_up = True
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
        self.dropped += len(self._queue)

    def _run(self) -> None:
        while not self._ending.is_set():
            self._wake.wait(_PAUSE)
            self._wake.clear()
            while self._queue and not self._given_up:
                self._send()
                self._ending.wait(_BREATH)

    def _send(self) -> None:
        batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
        try:
            taken = self._exporter.export(batch) is SpanExportResult.SUCCESS
        except Exception as error:  # noqa: BLE001  whatever it is, requests are answered all the same
            _log.debug("%s while spans were sent", type(error).__name__)
            taken = False
        if taken:
            self.sent += len(batch)
        else:
            self.dropped += len(batch)
            self._complain()

    def _complain(self) -> None:
        if monotonic() - self._complained >= _QUIET:
            self._complained = monotonic()
            _log.warning("the trace collector %s takes no spans; %d are lost so far", self._collector, self.dropped)


def _read(endpoint: str) -> tuple[str, str]:
    """Return host and port of an address, without credentials, for the log; and its path."""
    address = urlsplit(endpoint)
    try:
        host = address.hostname and f"{address.hostname}:{address.port or ''}".rstrip(":")
    except ValueError:  # a port that is no number
        host = None
    if address.scheme not in {"http", "https"} or not host:
        raise SettingsError("SCORING_OTLP_ENDPOINT: expected an address such as http://collector:4318")
    return host, address.path


def _hush() -> None:
    # What they have to say names the endpoint with its credentials; the sender says what matters, and less often.
    for name in ("opentelemetry", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
