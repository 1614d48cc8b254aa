"""Makes spans of what has ended, for OpenTelemetry; imported only where traces are sent.

Names of attributes are those of OpenTelemetry's semantic conventions, https://opentelemetry.io/docs/specs/semconv/;
what they have no name for begins with "scoring". None holds what a user wrote.
"""

import time
from collections.abc import Mapping
from importlib import metadata
from itertools import accumulate, pairwise
from typing import NamedTuple

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from gateway.call import CLIENT_GONE, Call
from gateway.errors import STATUS
from gateway.inference import ModelCall
from gateway.telemetry.trace import Trace
from gateway.timing import Timing

_SCOPE = InstrumentationScope("gateway.telemetry")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_CALL_NAME = "inference.GRPCInferenceService/ModelInfer"

Attributes = Mapping[str, str | int]


class _Span(NamedTuple):
    """What is particular to one span; times are of `time.monotonic`."""

    name: str
    trace: Trace
    started: float
    ended: float
    attributes: Attributes | None = None
    kind: SpanKind = SpanKind.INTERNAL
    failed: bool = False
    links: tuple[Link, ...] = ()


class SpanMaker:
    """Turns ended requests and calls into OpenTelemetry's spans."""

    def __init__(self) -> None:
        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
        ours = {"service.name": "scoring-gateway", "service.version": metadata.version("realtime-scoring")}
        self._resource = Resource(ours).merge(OTELResourceDetector().detect())

    def of_request(self, call: Call, error: str, ended: float) -> list[ReadableSpan]:
        """Return the span of a request, and within it those of the stages that it has seen."""
        attributes = _request_attributes(call, error)
        failed = call.status >= 500  # what the client did wrong is no failure of the server
        request = _Span(call.method, call.trace, call.arrival, ended, attributes, SpanKind.SERVER, failed)
        children = [_Span(name, call.trace.child(), *times) for name, times in stages(call).items()]
        return self._made([request, *children])

    def of_call(self, call: ModelCall) -> list[ReadableSpan]:
        """Return the span of a call to Triton, linked to the other requests in it that are recorded."""
        if call.trace is None:
            return []
        others = [each for each in call.members if each.sampled and each.span_id != call.trace.parent_id]
        links = tuple(Link(_context(each)) for each in others)
        attributes = _call_attributes(call)
        failed = bool(call.error)
        return self._made(
            [_Span(_CALL_NAME, call.trace, call.started, call.ended, attributes, SpanKind.CLIENT, failed, links)]
        )

    def _made(self, spans: list[_Span]) -> list[ReadableSpan]:
        epoch = time.time_ns() - time.monotonic_ns()  # of the clock that times were taken from
        return [self._one(each, epoch) for each in spans]

    def _one(self, span: _Span, epoch: int) -> ReadableSpan:
        return ReadableSpan(
            span.name,
            context=_context(span.trace),
            parent=_parent(span.trace),
            resource=self._resource,
            attributes=span.attributes,
            links=span.links,
            kind=span.kind,
            status=Status(StatusCode.ERROR if span.failed else StatusCode.UNSET),
            start_time=epoch + int(span.started * 1e9),
            end_time=epoch + int(span.ended * 1e9),
            instrumentation_scope=_SCOPE,
        )


def _context(trace: Trace) -> SpanContext:
    return SpanContext(
        int.from_bytes(trace.trace_id), int.from_bytes(trace.span_id), is_remote=False, trace_flags=_SAMPLED
    )


def _parent(trace: Trace) -> SpanContext | None:
    if not trace.parent_id:
        return None
    parent = int.from_bytes(trace.parent_id)
    return SpanContext(int.from_bytes(trace.trace_id), parent, is_remote=True, trace_flags=_SAMPLED)


def stages(call: Call) -> dict[str, tuple[float, float]]:
    """Return when each stage that the request has seen began and ended, of `time.monotonic`."""
    wait, infer, _ = call.timing or Timing(0.0, 0.0, 0)
    seconds = {"read": call.read, "decode": call.decode, "wait": wait, "infer": infer, "encode": call.encode}
    ends = accumulate(seconds.values(), initial=call.arrival)
    return {name: times for name, times in zip(seconds, pairwise(ends), strict=True) if seconds[name] > 0}


def _request_attributes(call: Call, error: str) -> Attributes:
    attributes: dict[str, str | int] = {"scoring.items": call.items}
    if call.protocol == "http":
        attributes |= {"http.request.method": "POST", "http.response.status_code": call.status}
    else:
        attributes |= {"rpc.system.name": "grpc", "rpc.response.status_code": _grpc_code(call)}
    if call.client is not None:
        attributes["scoring.client"] = call.client.label
    if call.version:
        attributes["scoring.model.version"] = call.version
    return attributes | {"error.type": error} if error else attributes


def _grpc_code(call: Call) -> str:
    if call.status == CLIENT_GONE:
        return "CANCELLED"
    return STATUS[type(call.error)].grpc if call.error else "OK"


def _call_attributes(call: ModelCall) -> Attributes:
    attributes: dict[str, str | int] = {
        "rpc.system.name": "grpc",
        "rpc.method": _CALL_NAME,
        "scoring.model.name": call.model,
        "scoring.batch_size": call.inputs,
    }
    return attributes | {"error.type": call.error} if call.error else attributes
