"""POST /v1/images/classify over real sockets."""

import asyncio
import json
import re
from typing import Any

import grpc
import httpx
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.schema import ClassifyListReply, ClassifyReply, ImageModelStatus, ModelsReply, Problem
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.image_model import LABELS, picture
from tests.image_cases import (
    BAD_IMAGES,
    FORM,
    GOOD_IMAGES,
    JPEG,
    JSON,
    LIMITS,
    BadImageCase,
    GoodImageCase,
    base64,
    form,
)

PATH = "/v1/images/classify"


def name(case: GoodImageCase | BadImageCase) -> str:
    """Name a case in pytest's report."""
    return case.name


async def post(
    http: httpx.AsyncClient, body: bytes, content_type: str | None = "image/png", query: str = ""
) -> httpx.Response:
    """Post a body to the classifying path."""
    headers = {"content-type": content_type} if content_type else {}
    return await http.post(PATH + query, content=body, headers=headers, timeout=30)


@pytest.mark.parametrize("case", GOOD_IMAGES, ids=name)
async def test_good_requests_are_answered(case: GoodImageCase, http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A valid request gets as many results and classes as it asked for, in the documented shape."""
    reply = await post(http, case.make_body(), case.content_type, case.query)
    assert reply.status_code == 200, reply.text
    if case.several:
        results: list[Any] = list(msgspec.json.decode(reply.content, type=ClassifyListReply).results)
    else:
        results = [msgspec.json.decode(reply.content, type=ClassifyReply)]
    assert [len(result.classes) for result in results] == [case.classes] * case.results
    assert len(triton.images) == case.results


@pytest.mark.parametrize("case", BAD_IMAGES, ids=name)
async def test_bad_requests_are_refused(case: BadImageCase, http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """An invalid request gets a problem document that names the field, and never reaches Triton."""
    reply = await post(http, case.make_body(), case.content_type, case.query)
    assert (reply.status_code, reply.headers["content-type"]) == (case.status, "application/problem+json"), reply.text
    problem = msgspec.json.decode(reply.content, type=Problem)
    assert (problem.status, problem.field) == (case.status, case.field)
    assert triton.images == []


async def test_classes_are_ranked_and_named(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A class comes with its WordNet id, label and probability, best first, and the model says what it is."""
    reply = (await post(http, picture(281))).json()
    expected = [
        {"wnid": LABELS[281 + k][0], "label": LABELS[281 + k][1], "probability": 0.5 ** (k + 1)} for k in range(3)
    ]
    assert reply["classes"] == expected
    assert reply["model"] == {
        "name": "resnet152", "version": "1", "engine": "onnxruntime-cpu", "weights": "imagenet-v2",
    }  # fmt: skip


@pytest.mark.parametrize("number", [0, 7, 123, 999])
async def test_results_come_in_the_order_of_the_images(
    http: httpx.AsyncClient, triton: FakeTriton, number: int
) -> None:
    """A form and JSON list answer each image in its place."""
    numbers = [number, 417, 55, number]
    files = [picture(each) for each in numbers]
    by_form = await post(http, form(*[("images", each, "image/png") for each in files]), FORM)
    by_json = await post(http, json.dumps({"images": [*map(base64, files)]}).encode(), JSON)
    for reply in (by_form, by_json):
        best = [result["classes"][0]["wnid"] for result in reply.json()["results"]]
        assert best == [LABELS[each][0] for each in numbers]


async def test_small_probabilities_survive(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """The least probable of all classes has a probability as exact as a 32-bit float."""
    classes = (await post(http, picture(0), query="?top_k=1000")).json()["classes"]
    expected = [float(np.float32(0.5 ** (k + 1))) for k in range(1000)]
    assert [each["probability"] for each in classes] == pytest.approx(expected, rel=1e-6)


async def test_server_timing(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A reply says how long its images were decoded, waited and were in Triton, and how many its call held."""
    triton.image_delay = 0.05
    reply = await post(http, form(*[("images", picture(1), "image/png")] * 3), FORM)
    timing = reply.headers["server-timing"]
    matched = re.search(r'decode;dur=[\d.]+, wait;dur=[\d.]+, infer;dur=([\d.]+), .*batch;desc="(\d+)"', timing)
    assert matched is not None
    assert float(matched[1]) >= 50
    assert int(matched[2]) >= 1


async def test_concurrent_images_share_calls(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Images that arrive while calls are under way go to Triton together, and each gets its own answer."""
    triton.image_delay = 0.05
    numbers = [37 * each % 1000 for each in range(16)]  # no more than the calls under way hold: none is refused
    replies = await asyncio.gather(*(post(http, picture(each, "PNG", 32, 32)) for each in numbers))
    assert [reply.json()["classes"][0]["wnid"] for reply in replies] == [LABELS[each][0] for each in numbers]
    assert len(triton.image_calls) < 12


@pytest.mark.parametrize(
    ("content_type", "hint"),
    [
        ("application/x-www-form-urlencoded", "add -H 'content-type: image/jpeg'"),
        (None, "missing; for an image file add -H 'content-type: image/jpeg'"),
        ("text/html", "must be an image, a form (multipart/form-data) or JSON"),
    ],
)
async def test_a_wrong_media_type_is_explained(http: httpx.AsyncClient, content_type: str | None, hint: str) -> None:
    """The error says what to send, above all to those who use curl without a content type."""
    assert hint in (await post(http, JPEG, content_type)).json()["detail"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("QUJD QUJD", "white space or line breaks"),
        ("QUJD\nQUJD", "white space or line breaks"),
        ("data:image/png;base64,QUJD", "data: URL"),
        ("QUI", "multiple of 4"),
        ("QUI-QUI_", "characters other than"),
    ],
)
async def test_a_base64_fault_is_explained(http: httpx.AsyncClient, text: str, reason: str) -> None:
    """The error says what is wrong with the base64, of any image of a list."""
    for body, field in ({"image": text}, "image"), ({"images": ["QUJD", text]}, "images[1]"):
        problem = (await post(http, json.dumps(body).encode(), JSON)).json()
        assert problem["detail"].startswith(f"{field} is not valid base64: ")
        assert reason in problem["detail"]


async def test_duplicate_keys_cannot_confuse_an_error(http: httpx.AsyncClient) -> None:
    """Of a key given twice, with a fault in the first, the error still names the field."""
    for first, second, field in (
        ('"image": "Q"', '"image": "QUJD"', "image"),
        ('"image": "Q"', '"image": 3', "image"),
        ('"images": ["QUJD", "Q"]', '"images": ["QUJD"]', "images[1]"),
        ('"images": ["QUJD", "Q"]', '"images": null', "images[1]"),
    ):
        problem = (await post(http, f"{{{first}, {second}}}".encode(), JSON)).json()
        assert (problem["status"], problem["field"]) == (422, field)


@pytest.mark.parametrize("case", [case for case in BAD_IMAGES if case.field == "picture"], ids=name)
async def test_unknown_fields_are_named(case: BadImageCase, http: httpx.AsyncClient) -> None:
    """An unknown field is named, cut short if it is long; its value is not repeated."""
    body = case.make_body().replace(b"picture", b"p" * 500)
    reply = await post(http, body, case.content_type)
    assert reply.json()["field"] == "p" * 80
    assert "\ufffd" not in reply.text


async def test_limits_are_told(http: httpx.AsyncClient) -> None:
    """An error about a limit gives the limit and what was received."""
    problem = (await post(http, JPEG, "image/jpeg", "?top_k=1001")).json()
    assert (problem["limit"], problem["received"]) == (1000, 1001)
    problem = (await post(http, form(*[("images", JPEG, "image/jpeg")] * 17), FORM)).json()
    assert (problem["limit"], problem["received"]) == (LIMITS.max_images, 17)
    problem = (await post(http, JPEG + b"\0" * LIMITS.max_image_bytes, "image/jpeg")).json()
    assert (problem["limit"], problem["received"]) == (LIMITS.max_image_bytes, LIMITS.max_image_bytes + len(JPEG))


@pytest.mark.parametrize(
    ("status", "expected", "slug"),
    [
        (grpc.StatusCode.UNAVAILABLE, 503, "model-unavailable"),
        (grpc.StatusCode.INTERNAL, 503, "model-unavailable"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 504, "deadline-exceeded"),
        (grpc.StatusCode.INVALID_ARGUMENT, 502, "model-fault"),
    ],
)
async def test_triton_errors(
    http: httpx.AsyncClient, triton: FakeTriton, status: grpc.StatusCode, expected: int, slug: str
) -> None:
    """Triton's errors become ours, without Triton's words, and with Retry-After where a retry can help."""
    assert (await post(http, JPEG, "image/jpeg")).status_code == 200
    triton.image_status = status
    reply = await post(http, JPEG, "image/jpeg")
    assert (reply.status_code, reply.json()["type"]) == (expected, f"/docs#{slug}")
    assert ("retry-after" in reply.headers) == (expected in {503, 504})
    assert "secret" not in reply.text


async def test_both_models_are_described(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """/v1/models describes the image model beside the FAQ's: weights, engine, preprocessing, limits."""
    reply = msgspec.json.decode((await http.get("/v1/models")).content, type=ModelsReply)
    faq, image = reply.models
    assert faq.name == "faq_matcher"
    assert isinstance(image, ImageModelStatus)
    assert (image.name, image.version, image.weights, image.warning) == ("resnet152", "1", "imagenet-v2", None)
    assert (image.engine, image.precision, image.framework) == ("onnxruntime-cpu", "fp32", "torch")
    assert (image.classes, image.preprocessing.resize, image.preprocessing.crop) == (1000, 232, 224)
    assert image.limits.max_images == LIMITS.max_images
    assert image.limits.media_types == [
        "image/bmp", "image/gif", "image/jpeg", "image/png", "image/tiff", "image/webp",
    ]  # fmt: skip


async def test_a_model_is_asked_for(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """/readyz gives each model's state, or that of one; an unknown model or parameter is refused."""
    both = [{"name": "faq_matcher", "state": "ready"}, {"name": "resnet152", "state": "ready"}]
    async with asyncio.timeout(20):  # a proof that failed in the test before counts for a second
        while (await http.get("/readyz")).json().get("models") != both:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    one = (await http.get("/readyz?model=resnet152")).json()
    assert one == {"status": "ready", "models": [{"name": "resnet152", "state": "ready"}]}
    for query, field in (("?model=other", "model"), ("?name=resnet152", "name")):
        refused = await http.get(f"/readyz{query}")
        assert (refused.status_code, refused.json()["field"]) == (422, field)


@settings(max_examples=150)
@given(
    body=st.binary(max_size=300) | st.binary(max_size=50).map(lambda data: form(("image", data, "image/png"))),
    content_type=st.sampled_from(["image/jpeg", "application/octet-stream", FORM, JSON]),
)
async def test_any_body_gets_a_clear_answer(
    http: httpx.AsyncClient, triton: FakeTriton, body: bytes, content_type: str
) -> None:
    """Whatever the body, the answer is a problem of the client's making."""
    reply = await post(http, body, content_type)
    assert reply.status_code in {400, 415, 422}
    assert msgspec.json.decode(reply.content, type=Problem).status == reply.status_code


@settings(max_examples=150)
@given(st.data())
async def test_a_damaged_form_gets_a_clear_answer(
    http: httpx.AsyncClient, triton: FakeTriton, data: st.DataObject
) -> None:
    """A form with a piece cut out, doubled or replaced is answered or refused, and never a fault of the service."""
    whole = form(("image", picture(3, width=32, height=32), "image/png"), ("top_k", b"2", None))
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, min(len(whole), start + 40)))
    middle: Any = data.draw(st.sampled_from([b"", whole[start:stop] * 2, b"\r\n", b"--", b"\0"]))
    reply = await post(http, whole[:start] + middle + whole[stop:], FORM)
    assert reply.status_code in {200, 400, 415, 422}, reply.text
