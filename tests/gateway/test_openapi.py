"""The OpenAPI document agrees with the service."""

from typing import Any

import httpx
import pytest

from gateway.errors import STATUS
from preprocessing.image import MEDIA_TYPES
from tests.cases import LIMITS
from tests.gateway.fake_triton import FakeTriton
from tests.image_cases import JPEG
from tests.pictures import encode, photo

FILE = "@photo.jpg"
NO_BODY = {"content": {"": {"example": None}}}


@pytest.fixture
async def document(http: httpx.AsyncClient) -> Any:
    """The document as served."""
    return (await http.get("/openapi.json")).json()


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*(_references(each) for each in value.values()))
    return set[str]().union(*(_references(each) for each in value)) if isinstance(value, list) else set()


def test_references_resolve(document: Any) -> None:
    """Every reference leads to a schema, and every schema is referred to."""
    assert document["openapi"] == "3.1.0"
    expected = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert _references(document) == expected


async def test_every_operation_exists(document: Any, http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Each documented operation answers each of its documented examples with 200 and the documented media type."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for request in _requests(operation):
                reply = await http.request(method, path, **request)
                assert reply.status_code == 200, (path, reply.text)
                assert reply.headers["content-type"] in operation["responses"]["200"]["content"]


def _requests(operation: Any) -> list[dict[str, Any]]:
    """Return what httpx sends for an operation's examples; `@photo.jpg` stands for a file's content."""
    return [
        _request(media_type, content["example"])
        for media_type, content in operation.get("requestBody", NO_BODY)["content"].items()
    ]


def _request(media_type: str, example: Any) -> dict[str, Any]:
    if media_type == "multipart/form-data":
        return {"files": {name: JPEG if value == FILE else (None, str(value)) for name, value in example.items()}}
    if example == FILE:
        format_ = {each: name for name, each in MEDIA_TYPES.items()}.get(media_type, "PNG")
        return {"content": encode(photo(64, 48), format_), "headers": {"content-type": media_type}}
    return {"json": example}


def test_the_limits_are_documented(document: Any) -> None:
    """The schema of a request holds the limits that the service imposes."""
    schemas = document["components"]["schemas"]
    properties = schemas["MatchRequest"]["properties"]
    assert properties["question"]["maxLength"] == LIMITS.max_question_length
    assert properties["questions"]["maxItems"] == LIMITS.max_questions
    assert properties["top_k"]["minimum"] == 1
    for name in ("ClassifyRequest", "ClassifyForm"):
        assert schemas[name]["properties"]["images"]["maxItems"] == LIMITS.max_images
        assert (schemas[name]["properties"]["top_k"]["minimum"], schemas[name]["properties"]["top_k"]["default"]) == (
            1,
            3,
        )
    for name in ("MatchRequest", "ClassifyRequest"):
        assert schemas[name]["additionalProperties"] is False
    described = document["paths"]["/v1/images/classify"]["post"]["requestBody"]["description"]
    for limit in (LIMITS.max_image_bytes, LIMITS.max_image_pixels, LIMITS.max_images, LIMITS.max_image_body_bytes):
        assert f"{limit:,}" in described


def test_every_accepted_file_is_documented(document: Any) -> None:
    """The operation lists the media type of each format that is read, and bytes of any."""
    content = document["paths"]["/v1/images/classify"]["post"]["requestBody"]["content"]
    assert set(content) == {
        *MEDIA_TYPES.values(), "application/octet-stream", "multipart/form-data", "application/json",
    }  # fmt: skip


def test_every_problem_is_described(document: Any) -> None:
    """Each kind of error is described under the anchor that its problem documents lead to."""
    described = {(each["slug"], each["http"], each["grpc"]) for each in document["x-problems"]}
    assert described == {(status.slug, status.http, status.grpc) for status in STATUS.values()}
    assert all(each["meaning"] for each in document["x-problems"])


@pytest.mark.parametrize("path", ["/v1/faq/match", "/v1/images/classify"])
def test_documented_statuses(document: Any, path: str) -> None:
    """What can go wrong with a request is documented with it."""
    documented = set(document["paths"][path]["post"]["responses"])
    assert documented == {"200", "400", "408", "413", "415", "422", "500", "502", "503", "504"}
