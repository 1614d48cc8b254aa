"""Image classification through the real stack: the shared cases over HTTP and gRPC, what the version says of itself."""

import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.generated.scoring_pb2 import ClassifyImageReply
from gateway.server import Addresses
from tests.image_cases import (
    BAD_FILES,
    BAD_REQUESTS,
    GOOD_FILES,
    GOOD_REQUESTS,
    JPEG,
    BadImageCase,
    GoodImageCase,
)

pytestmark = pytest.mark.triton

PATH = "/v1/images/classify"
METHOD = "/scoring.v1.Scoring/ClassifyImage"
# Every file is tried in front of the fake Triton; here some of each kind are enough.
GOOD = [*GOOD_FILES[::8], *GOOD_REQUESTS]
BAD = [*BAD_FILES[::8], *BAD_REQUESTS]


def name(case: GoodImageCase | BadImageCase) -> str:
    """Name a case in pytest's report."""
    return case.name


async def _post(http: httpx.AsyncClient, case: GoodImageCase | BadImageCase) -> httpx.Response:
    headers = {"content-type": case.content_type} if case.content_type else {}
    return await http.post(PATH + case.query, content=case.make_body(), headers=headers, timeout=60)


async def _call(gateway: Addresses, message: bytes) -> bytes:
    async with grpc.aio.insecure_channel(gateway.grpc) as channel:
        remote: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
        return await remote(message, timeout=60)


@pytest.fixture
async def model(http: httpx.AsyncClient) -> Any:
    """What /v1/models says of the image model."""
    models = (await http.get("/v1/models")).json()["models"]
    return next(each for each in models if each["task"] == "image")


@pytest.fixture
def version(image_repository: Path, model: Any) -> Path:
    """The folder of the version that answers."""
    return image_repository / str(model["name"]) / str(model["version"])


@pytest.mark.parametrize("case", GOOD, ids=name)
async def test_good_requests(case: GoodImageCase, http: httpx.AsyncClient, gateway: Addresses) -> None:
    """A valid request gets its results over HTTP and, with the same classes and probabilities, over gRPC."""
    reply = (await _post(http, case)).json()
    results = reply["results"] if case.several else [reply]
    assert [len(result["classes"]) for result in results] == [case.classes] * case.results
    for result in results:
        probabilities = [each["probability"] for each in result["classes"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1 + 1e-4
    if case.message is None:
        return
    over_grpc = ClassifyImageReply.FromString(await _call(gateway, case.message()))
    for one, other in zip(results, over_grpc.results, strict=True):
        # Batches of another size may round otherwise: classes that are as good as equal may change places.
        expected = {each.wnid: each.probability for each in other.classes[: case.classes // 2 + 1]}
        found = {each["wnid"]: each["probability"] for each in one["classes"]}
        assert {wnid: found.get(wnid) for wnid in expected} == pytest.approx(expected, abs=1e-3)
    assert (reply["model"]["name"], reply["model"]["engine"]) == (over_grpc.model.name, over_grpc.model.engine)


@pytest.mark.parametrize("case", BAD, ids=name)
async def test_bad_requests(case: BadImageCase, http: httpx.AsyncClient, gateway: Addresses) -> None:
    """An invalid request is refused with the documented status and field on both protocols."""
    reply = await _post(http, case)
    assert (reply.status_code, reply.headers["content-type"]) == (case.status, "application/problem+json")
    assert reply.json().get("field") == case.field
    if case.message is not None:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _call(gateway, case.message())
        assert caught.value.code() == grpc.StatusCode[case.code]


async def test_the_golden_picture(http: httpx.AsyncClient, version: Path) -> None:
    """The version's golden picture gets the class and the probability that were found when it was published."""
    card = json.loads((version / "model.json").read_text())
    wnid, _, label = (version / "labels.txt").read_text().splitlines()[card["golden"]["class"]].partition(" ")
    golden = (version / "golden.png").read_bytes()
    reply = (await http.post(PATH, content=golden, headers={"content-type": "image/png"})).json()
    best = reply["classes"][0]
    assert (best["wnid"], best["label"]) == (wnid, label)
    assert best["probability"] == pytest.approx(card["golden"]["probability"], rel=0.1)


async def test_the_model_is_described(http: httpx.AsyncClient, version: Path, model: Any) -> None:
    """/v1/models and every reply say which version answers, on what engine, and whether its weights are random."""
    card = json.loads((version / "model.json").read_text())
    for key in ("weights", "precision", "framework", "preprocessing", "created", "classes"):
        assert model[key] == card[key]
    assert model["ready"] is True
    answered = (await http.post(PATH, content=JPEG, headers={"content-type": "image/jpeg"})).json()["model"]
    assert answered["engine"] == model["engine"] in {"onnxruntime-cpu", "openvino-cpu"}
    untrained = card["weights"] == "untrained"
    assert answered.get("warning") == model["warning"] == ("random weights: for load tests only" if untrained else None)


async def test_each_model_is_ready(http: httpx.AsyncClient, gateway: Addresses) -> None:
    """Readiness and health know both models."""
    report = (await http.get("/readyz")).json()
    assert report["status"] == "ready"
    assert {each["name"]: each["state"] for each in report["models"]} == {"faq_matcher": "ready", "resnet152": "ready"}
    async with grpc.aio.insecure_channel(gateway.grpc) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watch = health.Watch(health_pb2.HealthCheckRequest(service="resnet152"), timeout=20)
        while (await watch.read()).status != health_pb2.HealthCheckResponse.SERVING:
            pass
        watch.cancel()


async def test_questions_are_answered_beside_images(http: httpx.AsyncClient) -> None:
    """While the engine is busy with images, questions get their answers, and every image gets its own."""

    async def classify() -> list[str]:
        reply = await http.post(PATH, content=JPEG, headers={"content-type": "image/jpeg"})
        return [each["wnid"] for each in reply.json()["classes"]]

    alone = await classify()
    images = asyncio.gather(*(classify() for _ in range(24)))
    while not images.done():
        reply = await http.post("/v1/faq/match", json={"question": "how do I sort an array?"})
        assert reply.status_code == 200
    assert [classes[0] for classes in await images] == [alone[0]] * 24
