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


class RequestLog:
    """Writes a line of JSON, or of text for people, about a request that has ended; durations in milliseconds.

    Nothing in it is the client's own words: no path, query, header, body or address.
    """

    def __init__(self, writer: LogWriter, *, json: bool) -> None:
        self._writer = writer
        self._line = _json if json else _text

    def write(self, call: Call, error: str, seconds: float) -> None:
        """Tell of a request that took so many seconds and ended with this error, "" for none."""
        self._writer.put(self._line(call, error, seconds).encode())


def _json(call: Call, error: str, seconds: float) -> str:
    trace, (wait, infer, batch) = call.trace, call.timing or _NO_TIMING
    return (
        f'{{"time":"{_time(time())}","level":"{_level(call.status)}","trace_id":"{trace.trace_id.hex()}",'
        f'"span_id":"{trace.span_id.hex()}","protocol":"{call.protocol}","method":{_quoted(call.method)},'
        f'"client":{_quoted(call.client_name)},"status":{call.status},"error":"{error}",'
        f'"version":{_quoted(call.version)},"items":{call.items},"received":{call.received},"sent":{call.sent},'
        f'"read":{call.read * 1e3:.3f},"decode":{call.decode * 1e3:.3f},"wait":{wait * 1e3:.3f},'
        f'"infer":{infer * 1e3:.3f},"encode":{call.encode * 1e3:.3f},"total":{seconds * 1e3:.3f},"batch":{batch}}}\n'
    )


def _text(call: Call, error: str, seconds: float) -> str:
    trace, (wait, infer, batch) = call.trace, call.timing or _NO_TIMING
    outcome = f"{call.status} {error}" if error else f"{call.status}"
    return (
        f"{_time(time())} {_level(call.status).upper()} {call.protocol} {_quoted(call.method)} {outcome} "
        f"client={_quoted(call.client_name)} version={_quoted(call.version)} items={call.items} "
        f"received={call.received} sent={call.sent} total={seconds * 1e3:.3f}ms read={call.read * 1e3:.3f} "
        f"decode={call.decode * 1e3:.3f} wait={wait * 1e3:.3f} infer={infer * 1e3:.3f} "
        f"encode={call.encode * 1e3:.3f} batch={batch} trace={trace.trace_id.hex()}\n"
    )


def _level(status: int) -> str:
    if status < 500:
        return "info"
    return "error" if status in _FAULTS else "warning"


@lru_cache(1024)
def _quoted(name: str) -> str:
    return msgspec.json.encode(name[:_LONGEST]).decode()


def _time(now: float) -> str:
    """Return a time as RFC 3339 writes it, in UTC, to the millisecond."""
    second = int(now)
    return f"{_second(second)}.{int((now - second) * 1000):03}Z"


@lru_cache(4)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
