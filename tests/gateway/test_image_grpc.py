"""ClassifyImage over real sockets."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.generated.scoring_pb2 import ClassifyImageReply, ClassifyImageRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.grpc_calls import call, details, failure
from tests.gateway.image_model import LABELS, picture
from tests.image_cases import BAD_IMAGES, GOOD_IMAGES, JPEG, LIMITS, BadImageCase, GoodImageCase

METHOD = "/scoring.v1.Scoring/ClassifyImage"


def name(case: GoodImageCase | BadImageCase) -> str:
    """Name a case in pytest's report."""
    return case.name


@pytest.mark.parametrize("case", [case for case in GOOD_IMAGES if case.message], ids=name)
async def test_good_requests_are_answered(case: GoodImageCase, channel: grpc.aio.Channel, triton: FakeTriton) -> None:
    """A valid request gets as many results and classes as it asked for."""
    assert case.message is not None
    reply = ClassifyImageReply.FromString(await call(channel, case.message(), METHOD))
    assert [len(result.classes) for result in reply.results] == [case.classes] * case.results
    assert len(triton.images) == case.results


@pytest.mark.parametrize("case", [case for case in BAD_IMAGES if case.message], ids=name)
async def test_bad_requests_are_refused(case: BadImageCase, channel: grpc.aio.Channel, triton: FakeTriton) -> None:
    """An invalid request gets the status of its HTTP twin, names the field, and never reaches Triton."""
    assert case.message is not None
    error = await failure(channel, case.message(), METHOD)
    assert error.code() == grpc.StatusCode[case.code], error.details()
    if case.status == 422:
        (violation,) = details(error)["BadRequest"].field_violations
        # What is a body over HTTP is the field `image` here, but for the message as a whole.
        assert violation.field == case.field or (violation.field, case.field) == ("image", "body")
    assert triton.images == []


async def test_classes_are_ranked_and_named(stub: ScoringStub, triton: FakeTriton) -> None:
    """A class comes with its WordNet id, label and probability, and the model says what it is."""
    pending = stub.ClassifyImage(ClassifyImageRequest(image=picture(281), top_k=2))
    reply = await pending
    (result,) = reply.results
    found = [(each.wnid, each.label, each.probability) for each in result.classes]
    assert found == [(*LABELS[281], 0.5), (*LABELS[282], 0.25)]
    assert (reply.model.name, reply.model.version) == ("resnet152", "1")
    assert (reply.model.engine, reply.model.weights) == ("onnxruntime-cpu", "imagenet-v2")
    assert not reply.model.HasField("warning")
    timing = dict(await pending.trailing_metadata())["server-timing"]
    assert timing.startswith("read;dur=")


async def test_results_come_in_the_order_of_the_images(stub: ScoringStub, triton: FakeTriton) -> None:
    """A list answers each image in its place."""
    numbers = [3, 999, 417, 3]
    reply = await stub.ClassifyImage(ClassifyImageRequest(images=[picture(each) for each in numbers]))
    assert [result.classes[0].wnid for result in reply.results] == [LABELS[each][0] for each in numbers]


async def test_error_details(channel: grpc.aio.Channel) -> None:
    """An error tells a program its reason, its limit and what was received."""
    error = await failure(channel, ClassifyImageRequest(image=JPEG, top_k=1001).SerializeToString(), METHOD)
    info = details(error)["ErrorInfo"]
    assert (info.reason, info.domain) == ("INVALID_FIELD", "scoring.v1.Scoring")
    assert dict(info.metadata) == {"limit": "1000", "received": "1001"}


@pytest.mark.parametrize(
    ("method", "limit"), [("MatchFaq", LIMITS.max_body_bytes), ("ClassifyImage", LIMITS.max_image_body_bytes)]
)
async def test_each_method_has_its_limit(
    channel: grpc.aio.Channel, triton: FakeTriton, method: str, limit: int
) -> None:
    """A message larger than its method takes is refused, also where the other method would take it."""
    for size in (limit + 1, LIMITS.max_image_body_bytes + 1):
        error = await failure(channel, b"\x0a" * size, f"/scoring.v1.Scoring/{method}")
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert str(limit) in str(error.details()) or size > LIMITS.max_image_body_bytes


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
    message = ClassifyImageRequest(image=JPEG).SerializeToString()
    assert await call(channel, message, METHOD)
    triton.image_status = status
    error = await failure(channel, message, METHOD)
    assert error.code() == code
    assert "secret" not in str(error.details())
    assert ("RetryInfo" in details(error)) == (code != grpc.StatusCode.INTERNAL)


async def test_each_model_has_its_health(channel: grpc.aio.Channel, triton: FakeTriton) -> None:
    """The health service knows each model by its name; while one answers, so does the whole."""
    health, expected = health_pb2_grpc.HealthStub(channel), health_pb2.HealthCheckResponse
    watch = health.Watch(health_pb2.HealthCheckRequest(service="resnet152"), timeout=20)

    async def becomes(state: int) -> None:
        while (await watch.read()).status != state:
            pass

    await becomes(expected.SERVING)
    triton.image_status = grpc.StatusCode.INTERNAL
    await becomes(expected.NOT_SERVING)
    for service in ("", "scoring.v1.Scoring", "faq_matcher"):
        assert (await health.Check(health_pb2.HealthCheckRequest(service=service))).status == expected.SERVING
    triton.image_status = None
    await becomes(expected.SERVING)
    watch.cancel()
