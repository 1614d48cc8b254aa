"""Requests that have ended, as the gateway would have made them."""

from time import monotonic
from typing import Any

from gateway.access.client import Client
from gateway.call import Call, Protocol
from gateway.telemetry import traceparent
from gateway.telemetry.trace import Trace
from gateway.timing import Timing

# Durations that binary floats hold exactly.
READ, DECODE, WAIT, INFER, ENCODE = 0.0625, 0.125, 0.25, 0.5, 0.03125


def made_call(
    method: str = "faq.match",
    protocol: Protocol = "http",
    *,
    client: str = "shop",
    trace: Trace | None = None,
    **facts: Any,
) -> Call:
    """Return a request that was answered a second after its arrival, but for the given facts."""
    call = Call(protocol, method, monotonic() - 1.0, 5.0, trace or traceparent.begin(sampled=False))
    call.client = Client(client, frozenset(), label=client) if client else None
    call.read, call.decode, call.encode = READ, DECODE, ENCODE
    call.timing = Timing(WAIT, INFER, 7)
    call.received, call.sent, call.items, call.version, call.status = 70, 900, 2, "4", 200
    for name, value in facts.items():
        setattr(call, name, value)
    return call


def refused_call(status: int, **facts: Any) -> Call:
    """Return a request that was refused before its body was read."""
    return made_call(
        status=status, read=0.0, decode=0.0, encode=0.0, timing=None, received=0, items=0, version="", **facts
    )
