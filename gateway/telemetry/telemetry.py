"""What the gateway tells of its work: every request and every call to Triton comes by here once, when it has ended."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from gateway.call import Call
from gateway.errors import internal_fault
from gateway.inference import ModelCall
from gateway.settings import Settings
from gateway.telemetry import families, logs, traceparent
from gateway.telemetry.counts import reason
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.request_log import RequestLog
from gateway.telemetry.snapshot import Snapshot
from gateway.telemetry.trace import Trace

if TYPE_CHECKING:
    from gateway.telemetry.tracing import Tracing

_log = logging.getLogger(__name__)

_PROBES = {"livez", "readyz", "metrics"}  # asked for every few seconds, for ever: worth a line when they fail
_SHARE = 1.0  # seconds between two snapshots for the other workers


class Telemetry:
    """Metrics, one log line for each request, and traces of one process of the gateway."""

    def __init__(self, settings: Settings, *, folder: Path | None = None, worker: int = 0) -> None:
        """Count from now on; with a `folder`, together with the other workers that leave their counts there.

        Requests are logged where `set_up_logging` was called before.
        """
        self._metrics = Metrics(folder, worker)
        self._counts = self._metrics.counts
        self._ratio = settings.trace_ratio if settings.otlp_endpoint else 0.0
        self._tracing = _tracing(settings.otlp_endpoint)
        self._writer = logs.writer()
        self._log_from = {"all": 0, "errors": 400, "none": 1000}[settings.log_requests]
        self._request_log = RequestLog(self._writer, json=settings.log_format == "json") if self._writer else None
        self._metrics.total(families.LINES_DROPPED, lambda: self._writer.dropped if self._writer else 0)
        if self._tracing is not None:
            self._metrics.total(families.SPANS_SENT, self._tracing.sent)
            self._metrics.total(families.SPANS_DROPPED, self._tracing.dropped)
        self._sharing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to share what is counted and to send traces."""
        if self._tracing is not None:
            self._tracing.start()
        self._sharing = asyncio.create_task(self._share())

    async def close(self) -> None:
        """Share, send and write what is left; takes a few seconds at most."""
        if self._sharing is not None:
            self._sharing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sharing
            self._share_once()
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)
        if self._writer is not None:
            await asyncio.to_thread(self._writer.flush)

    def trace(self, header: bytes) -> Trace:
        """Return the span of a request that arrived with this `traceparent` header, b"" for none.

        Without a valid one a trace begins here; it is recorded as often as the settings say.
        """
        given = traceparent.parse(header) if header else None
        return given or traceparent.begin(sampled=0 < self._ratio > random.random())  # noqa: S311

    def began(self, call: Call) -> None:
        """Count a request as in flight until it has ended."""
        self._counts.began(call.method)

    def ended(self, call: Call) -> None:
        """Take note of a request that has ended, whatever its end."""
        try:
            self._ended(call)
        except Exception as error:  # noqa: BLE001  the request was answered: a fault here must not undo that
            internal_fault(error, "telemetry")

    def _ended(self, call: Call) -> None:
        seconds = monotonic() - call.arrival
        why = reason(call.error, call.status)
        self._counts.ended(call, why, seconds)
        if self._request_log is not None and call.status >= self._log_from and (why or call.method not in _PROBES):
            self._request_log.write(call, why, seconds)
        if call.trace.sampled and self._tracing is not None:
            self._tracing.ended(call, why, call.arrival + seconds)

    def called(self, call: ModelCall) -> None:
        """Take note of a call to Triton that has ended."""
        self._counts.called(call)
        if call.trace is not None and self._tracing is not None:
            self._tracing.called(call)

    def watch(self, name: str, labels: Mapping[str, str], read: Callable[[], float]) -> None:
        """Show a gauge that is read when metrics are asked for; one that cannot be read then is left out."""
        self._metrics.gauges.watch(name, labels, read)

    def tell(self, name: str, about: str, read: Callable[[], Mapping[str, str]]) -> None:
        """Show a gauge that is always 1 and says something of `about` by the labels that are read then."""
        self._metrics.gauges.tell(name, about, read)

    def exposition(self, *, openmetrics: bool = False) -> bytes:
        """Return all metrics, those of the other workers included, in Prometheus' text format or as OpenMetrics."""
        return self._metrics.text(self._share_once(), openmetrics=openmetrics)

    async def scraped(self, *, openmetrics: bool = False) -> bytes:
        """Return the same without holding up the event loop, which many workers and clients would do for 30 ms."""
        own = self._share_once()
        return await asyncio.to_thread(self._metrics.text, own, openmetrics=openmetrics)

    async def _share(self) -> None:
        while True:
            await asyncio.sleep(_SHARE)
            self._share_once()

    def _share_once(self) -> Snapshot:
        # What is shown to anyone has been left in the folder before: or counters would fall should this process die.
        try:
            return self._metrics.share()
        except OSError as error:
            _log.warning("metrics cannot be left for the other workers: %s", error.strerror)
            return self._metrics.snapshot()


def _tracing(endpoint: str) -> "Tracing | None":
    if not endpoint:
        return None
    from gateway.telemetry.tracing import Tracing  # noqa: PLC0415  OpenTelemetry takes time and memory to import

    return Tracing(endpoint)
