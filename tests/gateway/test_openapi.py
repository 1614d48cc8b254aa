"""The OpenAPI document agrees with the service."""

from typing import Any

import httpx
import pytest

from gateway.errors import STATUS
from tests.cases import LIMITS, QUESTION
from tests.gateway.fake_triton import FakeTriton


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
    """Each documented operation answers its documented example with 200 and the documented media type."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {"content": {"": {}}})["content"].popitem()[1].get("example")
            reply = await http.request(method, path, json=body)
            assert reply.status_code == 200, path
            assert reply.headers["content-type"] in operation["responses"]["200"]["content"]


def test_the_limits_are_documented(document: Any) -> None:
    """The schema of a request holds the limits that the service imposes."""
    properties = document["components"]["schemas"]["MatchRequest"]["properties"]
    assert properties["question"]["maxLength"] == LIMITS.max_question_length
    assert properties["questions"]["maxItems"] == LIMITS.max_questions
    assert properties["top_k"]["minimum"] == 1
    assert document["components"]["schemas"]["MatchRequest"]["additionalProperties"] is False


def test_every_problem_is_described(document: Any) -> None:
    """Each kind of error is described under the anchor that its problem documents lead to."""
    described = {(each["slug"], each["http"], each["grpc"]) for each in document["x-problems"]}
    assert described == {(status.slug, status.http, status.grpc) for status in STATUS.values()}
    assert all(each["meaning"] for each in document["x-problems"])


async def test_documented_statuses_are_the_only_ones(
    document: Any, http: httpx.AsyncClient, triton: FakeTriton
) -> None:
    """What goes wrong with a match is documented with it."""
    documented = set(document["paths"]["/v1/faq/match"]["post"]["responses"])
    assert documented == {"200", "400", "413", "415", "422", "500", "502", "503", "504"}
    assert (await http.post("/v1/faq/match", json={"question": QUESTION})).status_code == 200
