"""What the gateway tells of its work: every request and every call to Triton comes by here once, when it has ended."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from gateway.call import Call
from gateway.settings import Settings
from gateway.telemetry import exposition, traceparent
from gateway.telemetry.counts import Counts
from gateway.telemetry.model_call import ModelCall
from gateway.telemetry.trace import Trace


class Telemetry:
    """Metrics, one log line for each request, and traces of one process of the gateway."""

    def __init__(self, settings: Settings, *, folder: Path | None = None, worker: int = 0) -> None:
        """Count; with a `folder`, together with the other workers that leave their metrics there."""
        self._counts = Counts()
        self._ratio = settings.trace_ratio if settings.otlp_endpoint else 0.0

    async def start(self) -> None:
        """Begin to write, to send and to share what is counted."""

    async def close(self) -> None:
        """Write, send and share what is left."""

    def trace(self, header: bytes) -> Trace:
        """Return the span of a request that arrived with this `traceparent` header, b"" for none.

        Without a valid one a trace begins here; it is recorded as often as the settings say.
        """
        return traceparent.parse(header) or traceparent.begin(sampled=random.random() < self._ratio)  # noqa: S311

    def ended(self, call: Call) -> None:
        """Take note of a request that has ended, whatever its end."""
        self._counts.ended(call, monotonic() - call.arrival)

    def called(self, call: ModelCall) -> None:
        """Take note of a call to Triton that has ended."""
        self._counts.called(call)

    def watch(self, name: str, labels: Mapping[str, str], read: Callable[[], float]) -> None:
        """Show a gauge whose value is read when metrics are asked for."""

    def exposition(self) -> bytes:
        """Return all metrics, those of the other workers included, in Prometheus' text format."""
        return exposition.text(exposition.counted(f, s.values) for f, s in self._counts.series.items())
