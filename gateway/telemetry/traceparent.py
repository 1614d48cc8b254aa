"""Reads and makes the traces of new requests (W3C Trace Context, https://www.w3.org/TR/trace-context/)."""

import re

from gateway.telemetry.trace import Trace, random_bytes

_VERSION_00 = 55  # characters of a version 00 header; later versions may append fields after another hyphen
_HEADER = re.compile(
    rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?", re.S
)
_SAMPLED = 0x01


def parse(traceparent: bytes) -> Trace | None:
    """Return the span of a request that arrived with this `traceparent`; None unless the header is valid."""
    found = _HEADER.fullmatch(traceparent)
    if found is None or (found[1] == b"00" and len(traceparent) != _VERSION_00):
        return None
    trace_id, parent_id = bytes.fromhex(found[2].decode()), bytes.fromhex(found[3].decode())
    return Trace(trace_id, random_bytes(8), parent_id, sampled=bool(int(found[4], 16) & _SAMPLED))


def begin(*, sampled: bool) -> Trace:
    """Return the first span of a new trace."""
    ids = random_bytes(24)
    return Trace(ids[:16], ids[16:], b"", sampled=sampled)
