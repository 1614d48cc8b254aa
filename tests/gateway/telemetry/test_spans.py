"""Spans of requests and of calls to Triton."""

from itertools import pairwise
from time import monotonic, time_ns

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, StatusCode

from gateway.call import CLIENT_GONE
from gateway.errors import ForbiddenError, ModelFaultError, OverloadedError
from gateway.inference import ModelCall
from gateway.telemetry.spans import SpanMaker
from gateway.telemetry.trace import Trace
from gateway.telemetry.traceparent import begin, parse
from tests.gateway.telemetry.made_calls import made_call, refused_call

HEADER = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _context(span: ReadableSpan) -> SpanContext:
    context = span.get_span_context()
    assert context is not None
    return context


def _trace() -> Trace:
    trace = parse(HEADER)
    assert trace is not None
    return trace


def test_a_request_is_a_span_of_its_callers_trace() -> None:
    """Ids are those of the request, times those of the wall clock."""
    trace = _trace()
    call = made_call(trace=trace)
    span, *_ = SpanMaker().of_request(call, "", call.arrival + 1.0)
    context = _context(span)
    assert context.trace_id == 0x0AF7651916CD43DD8448EB211C80319C
    assert context.span_id == int.from_bytes(trace.span_id)
    assert context.trace_flags.sampled
    assert span.parent is not None
    assert span.parent.span_id == 0xB7AD6B7169203331
    assert span.kind is SpanKind.SERVER
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time - span.start_time == pytest.approx(1e9, abs=1e4)
    assert abs(time_ns() - span.end_time) < 5e9


def test_a_trace_that_begins_here_has_no_parent() -> None:
    """Its first span is the request's."""
    span, *_ = SpanMaker().of_request(made_call(trace=begin(sampled=True)), "", monotonic())
    assert span.parent is None


def test_stages_follow_each_other_within_the_request() -> None:
    """Each begins where the one before it ended."""
    call = made_call(trace=_trace())
    request, *stages = SpanMaker().of_request(call, "", call.arrival + 1.0)
    assert [stage.name for stage in stages] == ["read", "decode", "wait", "infer", "encode"]
    assert {stage.parent.span_id for stage in stages if stage.parent} == {_context(request).span_id}
    assert len({_context(stage).span_id for stage in stages}) == 5
    assert stages[0].start_time == request.start_time
    for before, after in pairwise(stages):
        assert before.end_time == after.start_time
    assert request.end_time is not None
    assert stages[-1].end_time is not None
    assert stages[-1].end_time < request.end_time


def test_a_refused_request_has_only_the_stages_that_it_has_seen() -> None:
    """Here none."""
    spans = SpanMaker().of_request(refused_call(403, error=ForbiddenError("no")), "forbidden", monotonic())
    assert len(spans) == 1


def test_attributes_are_the_conventions_and_nothing_that_a_user_wrote() -> None:
    """OpenTelemetry's names, then ours."""
    http, *_ = SpanMaker().of_request(made_call(), "", monotonic())
    assert dict(http.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "scoring.client": "shop",
        "scoring.items": 2,
        "scoring.model.version": "4",
    }
    call = refused_call(503, protocol="grpc", error=OverloadedError("full"), client="")
    grpc, *_ = SpanMaker().of_request(call, "overloaded", monotonic())
    assert dict(grpc.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.response.status_code": "UNAVAILABLE",
        "error.type": "overloaded",
        "scoring.items": 0,
    }


def test_a_grpc_client_that_hung_up_has_cancelled() -> None:
    """As gRPC calls it."""
    span, *_ = SpanMaker().of_request(refused_call(CLIENT_GONE, protocol="grpc"), "client-gone", monotonic())
    assert (span.attributes or {})["rpc.response.status_code"] == "CANCELLED"


def test_only_what_the_server_did_wrong_is_an_error() -> None:
    """A client's mistake is none, by OpenTelemetry's conventions."""
    maker = SpanMaker()
    mistake, *_ = maker.of_request(refused_call(403, error=ForbiddenError("no")), "forbidden", monotonic())
    fault, *_ = maker.of_request(refused_call(502, error=ModelFaultError("odd")), "model-fault", monotonic())
    assert mistake.status.status_code is StatusCode.UNSET
    assert fault.status.status_code is StatusCode.ERROR
    assert fault.status.description is None


def test_a_call_belongs_to_one_request_and_links_to_the_others_that_are_recorded() -> None:
    """Its parent is the first of them."""
    first, second, unrecorded = begin(sampled=True), begin(sampled=True), begin(sampled=False)
    members = [unrecorded, first, second]
    (span,) = SpanMaker().of_call(ModelCall("faq_matcher", first.child(), members, 1.0, 1.5, 3, ""))
    assert _context(span).trace_id == int.from_bytes(first.trace_id)
    assert span.parent is not None
    assert span.parent.span_id == int.from_bytes(first.span_id)
    assert [link.context.span_id for link in span.links] == [int.from_bytes(second.span_id)]
    assert span.kind is SpanKind.CLIENT
    assert dict(span.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": "inference.GRPCInferenceService/ModelInfer",
        "scoring.model.name": "faq_matcher",
        "scoring.batch_size": 3,
    }


def test_a_call_of_unrecorded_requests_is_no_span() -> None:
    """Nobody asked for it."""
    assert SpanMaker().of_call(ModelCall("faq_matcher", None, [begin(sampled=False)], 1.0, 1.5, 1, "")) == []


def test_the_service_is_named_by_us_unless_the_environment_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenTelemetry's own variables have the last word."""
    for variable in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(variable, raising=False)
    span, *_ = SpanMaker().of_request(made_call(), "", monotonic())
    assert span.resource.attributes["service.name"] == "scoring-gateway"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop-scoring")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    span, *_ = SpanMaker().of_request(made_call(), "", monotonic())
    assert span.resource.attributes["service.name"] == "shop-scoring"
    assert span.resource.attributes["deployment.environment.name"] == "test"
