"""The line that each request leaves in the log."""

from datetime import UTC, datetime
from functools import lru_cache
from time import time

import msgspec

from gateway.call import Call
from gateway.telemetry.log_writer import LogWriter
from gateway.timing import Timing

_NO_TIMING = Timing(0.0, 0.0, 0)
_LONGEST = 100  # characters of a name
_FAULTS = (500, 502)  # somebody has to repair something; those that pass are warnings


class Line(msgspec.Struct):
    """What is told of a request: nothing that is the client's own words, no path, query, header, body or address."""

    time: str
    level: str
    trace_id: str
    span_id: str
    protocol: str
    method: str
    client: str
    status: int
    error: str  # name of the error, "" if there was none
    version: str  # of the model
    items: int
    received: int  # bytes of body, as `sent`
    sent: int
    read: float  # milliseconds, as all that follow up to `total`
    decode: float
    wait: float
    infer: float
    encode: float
    total: float
    batch: int  # questions or images in the call to Triton


class RequestLog:
    """Writes a line of JSON, or of text for people, about a request that has ended."""

    def __init__(self, writer: LogWriter, *, json: bool) -> None:
        self._writer = writer
        self._written = msgspec.json.Encoder().encode if json else _text

    def write(self, call: Call, error: str, seconds: float) -> None:
        """Tell of a request that took so many seconds and ended with this error, "" for none."""
        self._writer.put(self._written(_line(call, error, seconds)) + b"\n")


def _line(call: Call, error: str, seconds: float) -> Line:
    trace, (wait, infer, batch) = call.trace, call.timing or _NO_TIMING
    return Line(
        _time(time()),
        _level(call.status),
        trace.trace_id.hex(),
        trace.span_id.hex(),
        call.protocol,
        call.method,
        call.client_name[:_LONGEST],
        call.status,
        error,
        call.version[:_LONGEST],
        call.items,
        call.received,
        call.sent,
        int(call.read * 1e6) / 1e3,  # to the microsecond, in a third of the time that `round` takes
        int(call.decode * 1e6) / 1e3,
        int(wait * 1e6) / 1e3,
        int(infer * 1e6) / 1e3,
        int(call.encode * 1e6) / 1e3,
        int(seconds * 1e6) / 1e3,
        batch,
    )


def _text(line: Line) -> bytes:
    outcome = f"{line.status} {line.error}" if line.error else f"{line.status}"
    client = " ".join(line.client.split()) or "-"  # one line, whatever is in it
    return (
        f"{line.time} {line.level.upper()} {line.protocol} {line.method} {outcome} in {line.total} ms, "
        f"client {client}, items {line.items}, received {line.received}, sent {line.sent}, "
        f"read {line.read}, decode {line.decode}, "
        f"wait {line.wait}, infer {line.infer}, encode {line.encode}, batch {line.batch}, "
        f"version {line.version or '-'}, trace {line.trace_id}"
    ).encode()


def _level(status: int) -> str:
    if status < 500:
        return "info"
    return "error" if status in _FAULTS else "warning"


def _time(now: float) -> str:
    """Return a time as RFC 3339 writes it, in UTC, to the millisecond."""
    second = int(now)
    return f"{_second(second)}.{int((now - second) * 1000):03}Z"


@lru_cache(4)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
