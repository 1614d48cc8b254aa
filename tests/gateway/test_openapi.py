"""The OpenAPI document agrees with the service."""

import json
from typing import Any

import httpx
import pytest

from gateway import openapi
from gateway.errors import STATUS
from gateway.settings import Settings
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


def _components(document: Any) -> set[str]:
    kinds = ("schemas", "headers", "parameters")
    return {f"#/components/{kind}/{name}" for kind in kinds for name in document["components"][kind]}


def test_references_resolve(document: Any) -> None:
    """Every reference leads to a component; with keys, every component is referred to."""
    assert document["openapi"] == "3.1.0"
    assert _references(document) <= _components(document)
    full = json.loads(openapi.document(Settings(keys_file="keys.json")))
    assert _references(full) == _components(full)


async def test_every_operation_exists(document: Any, http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Each documented operation answers each of its documented examples with 200 and the documented media type."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for request in _requests(operation):
                reply = await http.request(method, path, **request)
                assert reply.status_code == 200, (path, reply.text)
                assert reply.headers["content-type"] in operation["responses"]["200"]["content"]
                promised = operation["responses"]["200"]["headers"]
                assert all(name in reply.headers for name in promised if not name.startswith("RateLimit"))


def _requests(operation: Any) -> list[dict[str, Any]]:
    """Return what httpx sends for an operation's examples; `@photo.jpg` stands for a file's content."""
    return [
        _request(media_type, content.get("x-curl", content.get("example")))
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


SCORING = ["/v1/faq/match", "/v1/images/classify", "/api/v1/service/faq/score", "/api/v1/service/image/score"]


@pytest.mark.parametrize("path", SCORING)
def test_documented_statuses(document: Any, path: str) -> None:
    """What can go wrong with a request is documented with it; the old FAQ service took any media type."""
    documented = set(document["paths"][path]["post"]["responses"])
    expected = {"200", "400", "408", "413", "415", "422", "429", "500", "502", "503", "504"}
    assert documented == (expected - {"415"} if path == SCORING[2] else expected)


@pytest.mark.parametrize("path", SCORING)
def test_documented_headers(document: Any, path: str) -> None:
    """Every request may name a deadline and a trace; replies that say `later` say when."""
    operation = document["paths"][path]["post"]
    assert {"$ref": "#/components/parameters/Request-Timeout"} in operation["parameters"]
    assert {"$ref": "#/components/parameters/traceparent"} in operation["parameters"]
    for status in ("429", "503", "504"):
        assert "Retry-After" in operation["responses"][status]["headers"]
    assert ("Server-Timing" in operation["responses"]["200"]["headers"]) is path.startswith("/v1")


def test_nobody_is_asked_for_a_key(document: Any) -> None:
    """Where there are no keys, the document asks for none."""
    assert document["components"]["securitySchemes"] == {}
    for path in SCORING:
        operation = document["paths"][path]["post"]
        assert "security" not in operation
        assert not {"401", "403"} & set(operation["responses"])


@pytest.mark.parametrize(
    ("settings", "schemes"),
    [
        (Settings(keys_file="keys.json"), ["bearer", "key"]),
        (Settings(oidc_issuer="https://issuer.example", oidc_audience="scoring"), ["bearer"]),
    ],
    ids=["keys", "tokens"],
)
def test_what_a_client_needs(settings: Settings, schemes: list[str]) -> None:
    """With keys or tokens the document says how they are sent, and which scope an operation needs."""
    described = json.loads(openapi.document(settings))
    assert sorted(described["components"]["securitySchemes"]) == schemes
    for path, scope in (*zip(SCORING, ("faq", "image", "faq", "image"), strict=True), ("/metrics", "admin")):
        operation = next(iter(described["paths"][path].values()))
        assert operation["security"] == [{scheme: [scope]} for scheme in schemes]
        assert "WWW-Authenticate" in operation["responses"]["401"]["headers"]
        assert "403" in operation["responses"]
    assert "security" not in described["paths"]["/livez"]["get"]
