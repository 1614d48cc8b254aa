"""Traces of real requests: the gateway's spans and the real Triton's are one trace at a real collector."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import httpx
import pytest

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.server import Addresses, serving
from gateway.settings import Settings
from standalone.triton import TritonServer
from standalone.triton_command import Ports, trace_options
from tests.otlp_collector import Collector, Span, running_collector

pytestmark = pytest.mark.triton

PARENT = "b7ad6b7169203331"
QUESTION = "how do I check whether an array contains a value?"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """A collector of traces."""
    with running_collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced_triton(repository: Path, collector: Collector) -> Iterator[TritonServer]:
    """Triton, which sends its traces to the collector."""
    options = [*trace_options(collector.url), "--trace-config=opentelemetry,bsp_schedule_delay=100"]
    with TritonServer(repository, Ports(0, 0, 0), options=options) as triton:
        yield triton


@pytest.fixture(scope="module")
async def traced(repository: Path, collector: Collector, traced_triton: TritonServer) -> AsyncIterator[Addresses]:
    """The gateway in front of it, which does so too."""
    settings = Settings(
        port=0,
        grpc_port=0,
        triton_url=traced_triton.grpc_address,
        model_repository=str(repository),
        otlp_endpoint=collector.url,
        trace_ratio=0.0,
    )
    async with serving(settings) as addresses:
        yield addresses


def _of(spans: list[Span], trace_id: str) -> dict[str, Span]:
    return {span.name: span for span in spans if span.trace_id == trace_id}


def _check(collector: Collector, trace_id: str) -> None:
    """Wait for the whole trace, and check that each span hangs where it should."""
    found = _of(collector.wait(lambda spans: {"compute", "encode"} <= set(_of(spans, trace_id))), trace_id)
    request, call, triton = (
        found["faq.match"],
        found["inference.GRPCInferenceService/ModelInfer"],
        found["InferRequest"],
    )
    assert (request.service, call.service) == ("scoring-gateway", "scoring-gateway")
    assert triton.service == "triton-inference-server"
    assert (request.parent_id, call.parent_id, triton.parent_id) == (PARENT, request.span_id, call.span_id)
    assert found["compute"].attributes == {}
    assert found["faq_matcher"].attributes["triton.model_name"] == "faq_matcher"
    stages = [found[name] for name in ("read", "decode", "wait", "infer", "encode")]
    assert {stage.parent_id for stage in stages} == {request.span_id}
    # One machine has one clock: each is within what it is part of, but for rounding.
    slack = 1_000_000
    assert request.started - slack <= call.started <= triton.started + slack
    assert call.ended <= request.ended + slack  # Triton's ends when all is tidied up, perhaps later


async def test_a_trace_runs_from_the_client_through_the_gateway_into_triton(
    traced: Addresses, collector: Collector
) -> None:
    """Over HTTP; the reply says under which span the request is found."""
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    async with httpx.AsyncClient(base_url=f"http://{traced.http}", trust_env=False) as client:
        headers = {"traceparent": f"00-{trace_id}-{PARENT}-01"}
        reply = await client.post("/v1/faq/match", json={"question": QUESTION}, headers=headers)
    assert reply.status_code == 200
    _check(collector, trace_id)
    span_id = _of(collector.spans, trace_id)["faq.match"].span_id
    assert reply.headers["traceresponse"] == f"00-{trace_id}-{span_id}-01"


async def test_grpc_calls_are_traced_too(traced: Addresses, collector: Collector) -> None:
    """The same spans, with gRPC's attributes."""
    trace_id = "1bf7651916cd43dd8448eb211c80319c"
    async with grpc.aio.insecure_channel(traced.grpc) as channel:
        stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
        await stub.MatchFaq(
            MatchFaqRequest(question=QUESTION), metadata=[("traceparent", f"00-{trace_id}-{PARENT}-01")], timeout=20
        )
    _check(collector, trace_id)
    assert _of(collector.spans, trace_id)["faq.match"].attributes["rpc.response.status_code"] == "OK"


async def test_what_nobody_wants_recorded_is_not(traced: Addresses, collector: Collector) -> None:
    """Neither here nor in Triton: the flag says no, or there is no trace."""
    unsampled, sampled = "2cf7651916cd43dd8448eb211c80319c", "3df7651916cd43dd8448eb211c80319c"
    before = {span.trace_id for span in collector.spans}
    async with httpx.AsyncClient(base_url=f"http://{traced.http}", trust_env=False) as client:
        for headers in (
            {"traceparent": f"00-{unsampled}-{PARENT}-00"},
            {},
            {"traceparent": f"00-{sampled}-{PARENT}-01"},
        ):
            reply = await client.post("/v1/faq/match", json={"question": QUESTION}, headers=headers)
            assert reply.status_code == 200
    _check(collector, sampled)
    assert {span.trace_id for span in collector.spans} - before == {sampled}


def test_tritons_metrics_are_those_in_the_docs(traced_triton: TritonServer) -> None:
    """All but a GPU's, which this machine may not have."""
    document = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    listed = {name for name in re.findall(r"`(nv_\w+)`", document) if not name.startswith("nv_gpu")}
    shown = set(re.findall(r"^# TYPE (\S+)", httpx.get(traced_triton.metrics_url, trust_env=False).text, re.MULTILINE))
    assert listed <= shown
