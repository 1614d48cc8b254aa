"""The gRPC API over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from gateway.generated.scoring_pb2 import MatchFaqReply, MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.server import serving
from gateway.settings import Settings
from tests.cases import BAD, GOOD, QUESTION, BadCase, GoodCase
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import ENTRIES
from tests.gateway.grpc_calls import call, details, failure

METHOD = "/scoring.v1.Scoring/MatchFaq"


def name(case: GoodCase | BadCase) -> str:
    """Name a case in pytest's report."""
    return case.name


@pytest.mark.parametrize("case", GOOD, ids=name)
async def test_good_requests_are_answered(case: GoodCase, channel: grpc.aio.Channel, triton: FakeTriton) -> None:
    """A valid request gets as many results and matches as it asked for."""
    reply = MatchFaqReply.FromString(await call(channel, case.message, METHOD))
    assert [len(result.matches) for result in reply.results] == [case.matches] * case.results


@pytest.mark.parametrize("case", [case for case in BAD if case.message is not None], ids=name)
async def test_bad_requests_are_refused(case: BadCase, channel: grpc.aio.Channel, triton: FakeTriton) -> None:
    """An invalid request gets the status of its HTTP twin, names the field, and never reaches Triton."""
    assert case.message is not None
    error = await failure(channel, case.message, METHOD)
    assert error.code() == grpc.StatusCode[case.code]
    if case.field is not None and case.status == 422:
        (violation,) = details(error)["BadRequest"].field_violations
        assert violation.field == case.field
        assert case.field in str(error.details())
    assert triton.questions == []


async def test_a_reply_holds_the_whole_entry(stub: ScoringStub, triton: FakeTriton) -> None:
    """A match carries id, question, answer id, answer and probability of its entry."""
    entry = ENTRIES[3]
    pending = stub.MatchFaq(MatchFaqRequest(question=entry.question))
    reply = await pending
    (result,) = reply.results
    best = result.matches[0]
    assert (best.id, best.question, best.answer_id, best.answer, best.probability) == (*entry, 1.0)
    assert result.good_match
    assert (reply.model.name, reply.model.version) == ("faq_matcher", "1")
    timing = dict(await pending.trailing_metadata())["server-timing"]
    assert timing.startswith("read;dur=")


async def test_error_details(channel: grpc.aio.Channel) -> None:
    """An error tells a program its reason, its limit and what was received."""
    error = await failure(channel, MatchFaqRequest(question="loop", top_k=9).SerializeToString(), METHOD)
    info = details(error)["ErrorInfo"]
    assert (info.reason, info.domain) == ("INVALID_FIELD", "scoring.v1.Scoring")
    assert dict(info.metadata) == {"limit": str(len(ENTRIES)), "received": "9"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
        (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE),
        (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.DEADLINE_EXCEEDED),
        (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL),
    ],
)
async def test_triton_errors(
    channel: grpc.aio.Channel, triton: FakeTriton, status: grpc.StatusCode, code: grpc.StatusCode
) -> None:
    """Triton's errors become ours, without Triton's words, and say when to try again."""
    triton.status = status
    error = await failure(channel, MatchFaqRequest(question=QUESTION).SerializeToString(), METHOD)
    assert error.code() == code
    assert "secret" not in str(error.details())
    assert ("RetryInfo" in details(error)) == (code != grpc.StatusCode.INTERNAL)


async def test_a_client_that_cancels_frees_its_place(stub: ScoringStub, triton: FakeTriton) -> None:
    """A cancelled call leaves the others unharmed."""
    triton.delay = 0.05
    calls = [stub.MatchFaq(MatchFaqRequest(question=QUESTION)) for _ in range(8)]
    await asyncio.sleep(0.02)
    for each in calls[::2]:
        each.cancel()
    replies = await asyncio.gather(*calls[1::2])
    assert [reply.results[0].matches[0].id for reply in replies] == [ENTRIES[0].id] * 4


async def test_health_follows_readiness(channel: grpc.aio.Channel, triton: FakeTriton) -> None:
    """The health service tells a watcher when no model answers any more and when one recovers."""
    health = health_pb2_grpc.HealthStub(channel)
    watch = health.Watch(health_pb2.HealthCheckRequest(service="scoring.v1.Scoring"), timeout=20)
    expected = health_pb2.HealthCheckResponse
    states = [(await watch.read()).status]
    triton.status = triton.image_status = grpc.StatusCode.INTERNAL
    while states[-1] == expected.SERVING:
        states.append((await watch.read()).status)
    triton.status = None
    states.append((await watch.read()).status)
    watch.cancel()
    assert states[-2:] == [expected.NOT_SERVING, expected.SERVING]
    assert (await health.Check(health_pb2.HealthCheckRequest(service=""))).status == expected.SERVING


async def test_reflection_lists_the_services(channel: grpc.aio.Channel) -> None:
    """A client that knows nothing can list the services and fetch their description."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest
    requests = iter([request(list_services=""), request(file_containing_symbol="scoring.v1.Scoring")])
    listing, described = [reply async for reply in stub.ServerReflectionInfo(requests)]
    names = {service.name for service in listing.list_services_response.service}
    assert {"scoring.v1.Scoring", "grpc.health.v1.Health"} <= names
    assert described.file_descriptor_response.file_descriptor_proto


async def test_an_unknown_method(channel: grpc.aio.Channel) -> None:
    """A method that does not exist is UNIMPLEMENTED."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, b"", "/scoring.v1.Scoring/Nothing")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def test_the_usual_time_begins_when_the_message_is_there(repository: Path) -> None:
    """Who sends slowly and names no time of its own has all of the usual time left for the answer."""
    payload = MatchFaqRequest(question=QUESTION).SerializeToString()

    async def slowly() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.7)
        yield payload

    async with running_triton(FakeTriton()) as triton:
        settings = Settings(port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository), deadline=0.5)
        async with serving(settings) as addresses, grpc.aio.insecure_channel(addresses.grpc) as channel:
            # The same on the wire as a call that sends one message, but for the pause before it.
            ask: Any = channel.stream_unary(METHOD, response_deserializer=MatchFaqReply.FromString)
            assert (await ask(slowly())).results
