"""The HTTP API over real sockets."""

import asyncio
import json
import re
from typing import Any

import grpc
import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.schema import MatchListReply, MatchReply, ModelsReply, ModelStatus, Problem
from tests.cases import BAD, GOOD, LIMITS, QUESTION, BadCase, GoodCase
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.faq import ENTRIES, THRESHOLD

PATH = "/v1/faq/match"
POSTS = [PATH, "/v1/images/classify", "/api/v1/service/faq/score", "/api/v1/service/image/score"]


def name(case: GoodCase | BadCase) -> str:
    """Name a case in pytest's report."""
    return case.name


async def post(http: httpx.AsyncClient, body: bytes, content_type: str | None = "application/json") -> httpx.Response:
    """Post a body to the matching path."""
    return await http.post(PATH, content=body, headers={"content-type": content_type} if content_type else {})


async def ask(http: httpx.AsyncClient, **request: Any) -> Any:
    """Post a valid request and return the decoded reply."""
    reply = await post(http, json.dumps(request).encode())
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize("case", GOOD, ids=name)
async def test_good_requests_are_answered(case: GoodCase, http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A valid request gets as many results and matches as it asked for, in the documented shape."""
    reply = await post(http, case.body)
    assert reply.status_code == 200
    if "question" in case.request:
        results: list[Any] = [msgspec.json.decode(reply.content, type=MatchReply)]
    else:
        results = list(msgspec.json.decode(reply.content, type=MatchListReply).results)
    assert [len(result.matches) for result in results] == [case.matches] * case.results
    assert len(triton.questions) == case.results


@pytest.mark.parametrize("case", BAD, ids=name)
async def test_bad_requests_are_refused(case: BadCase, http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """An invalid request gets a problem document that names the field, and never reaches Triton."""
    reply = await post(http, case.body, case.content_type)
    assert (reply.status_code, reply.headers["content-type"]) == (case.status, "application/problem+json")
    problem = msgspec.json.decode(reply.content, type=Problem)
    assert (problem.status, problem.field) == (case.status, case.field)
    assert triton.questions == []


async def test_a_reply_holds_the_whole_entry(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A match carries id, question, answer id, answer and probability of its entry, best first."""
    for entry in ENTRIES:
        reply = await ask(http, question=entry.question, top_k=2)
        best, second = reply["matches"]
        assert best == {**entry._asdict(), "probability": 1.0}
        assert second["probability"] < 1.0
        assert reply["good_match"] is True
        assert reply["model"] == {"name": "faq_matcher", "version": "1"}


@pytest.mark.parametrize(("probability", "good"), [(THRESHOLD, True), (0.499, False), (0.0, False), (1e-9, False)])
async def test_good_match_follows_the_threshold(
    http: httpx.AsyncClient, triton: FakeTriton, probability: float, good: bool
) -> None:
    """A best match counts as good from the model's threshold on."""
    triton.probability = probability
    reply = await ask(http, question=QUESTION)
    assert reply["good_match"] is good
    assert reply["matches"][0]["probability"] == pytest.approx(probability, rel=1e-6)


async def test_a_list_is_answered_in_order(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Results come in the order of the questions, also when they take several calls to Triton."""
    entries = [ENTRIES[index % len(ENTRIES)] for index in range(LIMITS.max_questions)]
    reply = await ask(http, questions=[entry.question for entry in entries], top_k=1)
    assert [result["matches"][0]["id"] for result in reply["results"]] == [entry.id for entry in entries]
    assert len(triton.calls) >= 2


async def test_triton_gets_canonical_text(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """The model reads canonical text, not what the client sent."""
    await ask(http, question="<p>How do I  LOOP over <b>arrays</b>?</p>")
    assert triton.questions == ["how do i loop over arrays"]


async def test_server_timing(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A reply says how long each stage took, and how large its batch was."""
    triton.delay = 0.05
    reply = await post(http, json.dumps({"questions": [QUESTION] * 3}).encode())
    timing = reply.headers["server-timing"]
    names = ["read", "decode", "wait", "infer", "encode"]
    assert re.findall(r"(\w+);dur=\d+\.\d+", timing) == names
    times = dict(re.findall(r"(\w+);dur=([\d.]+)", timing))
    assert float(times["infer"]) >= 50
    assert int(timing.rpartition('batch;desc="')[2].rstrip('"')) >= 3


async def test_concurrent_questions_share_calls(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Questions that arrive while a call is under way go to Triton together, and each gets its own answer."""
    triton.delay = 0.02
    entries = [ENTRIES[index % len(ENTRIES)] for index in range(60)]
    replies = await asyncio.gather(*(ask(http, question=entry.question, top_k=1) for entry in entries))
    assert [reply["matches"][0]["id"] for reply in replies] == [entry.id for entry in entries]
    assert len(triton.calls) < 20


async def test_unknown_fields_are_named(http: httpx.AsyncClient) -> None:
    """An unknown field is named, cut short if it is long; its value is not repeated."""
    reply = await post(http, json.dumps({"question": "loop", "x" * 500: "secret"}).encode())
    assert reply.json()["field"] == "x" * 80
    assert "secret" not in reply.text


@pytest.mark.parametrize("case", [case for case in BAD if case.status in {400, 422}], ids=name)
async def test_errors_do_not_repeat_what_was_sent(case: BadCase, http: httpx.AsyncClient) -> None:
    """No problem document holds a value of the request."""
    canary = "zq7canary"
    body = case.body.replace(b"loop", canary.encode()).replace(b"array", canary.encode())
    assert canary not in (await post(http, body)).text


async def test_limits_are_told(http: httpx.AsyncClient) -> None:
    """An error about a limit gives the limit and what was received."""
    too_long = "a" * (LIMITS.max_question_length + 1)
    problem = (await post(http, json.dumps({"question": too_long}).encode())).json()
    assert (problem["limit"], problem["received"]) == (LIMITS.max_question_length, LIMITS.max_question_length + 1)
    problem = (await post(http, json.dumps({"question": "a", "top_k": 7}).encode())).json()
    assert (problem["limit"], problem["received"]) == (len(ENTRIES), 7)
    problem = (await post(http, b'{"question": 1}')).json()
    assert (problem["limit"], problem["received"]) == ("str", "int")


@pytest.mark.parametrize(
    "content_type", ["application/json;charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
async def test_media_type_parameters(http: httpx.AsyncClient, triton: FakeTriton, content_type: str) -> None:
    """JSON may be declared in any case and with parameters."""
    assert (await post(http, b'{"question": "loop"}', content_type)).status_code == 200


async def test_duplicate_keys(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Of a key given twice, the last counts, as most JSON readers have it."""
    assert (await post(http, b'{"question": "first", "question": "second"}')).status_code == 200
    assert triton.questions == ["second"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"])
async def test_posts_only(http: httpx.AsyncClient, path: str, method: str) -> None:
    """A path that takes POST refuses other methods and says which it takes."""
    reply = await http.request(method, path)
    assert (reply.status_code, reply.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/livez", "/readyz", "/v1/models"])
async def test_gets_only(http: httpx.AsyncClient, path: str) -> None:
    """A path that takes GET takes HEAD too, tells so on OPTIONS, and refuses the rest."""
    got, head = await http.get(path), await http.head(path)
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    refused = await http.post(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert msgspec.json.decode(refused.content, type=Problem).status == 405


@pytest.mark.parametrize(("path", "allow"), [(PATH, "OPTIONS, POST"), ("/livez", "GET, HEAD, OPTIONS")])
async def test_options(http: httpx.AsyncClient, path: str, allow: str) -> None:
    """OPTIONS tells the methods of a path, and grants nothing to other origins."""
    reply = await http.options(path, headers={"origin": "https://example.org", "access-control-request-method": "POST"})
    assert (reply.status_code, reply.headers["allow"], reply.content) == (204, allow, b"")
    assert not [header for header in reply.headers if header.startswith("access-control")]


@pytest.mark.parametrize("path", ["/v1", "/v1/faq/match/", "/v1/faq/Match", "/v2/health/ready", "/../etc/passwd"])
async def test_unknown_paths(http: httpx.AsyncClient, path: str) -> None:
    """Any other path is a 404 problem."""
    reply = await http.post(path, json={"question": QUESTION})
    assert reply.status_code == 404
    assert msgspec.json.decode(reply.content, type=Problem).type == "/docs#unknown-path"


@pytest.mark.parametrize(
    ("status", "expected", "slug"),
    [
        (grpc.StatusCode.UNAVAILABLE, 503, "model-unavailable"),
        (grpc.StatusCode.NOT_FOUND, 503, "model-unavailable"),
        (grpc.StatusCode.INTERNAL, 503, "model-unavailable"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 504, "deadline-exceeded"),
        (grpc.StatusCode.INVALID_ARGUMENT, 502, "model-fault"),
    ],
)
async def test_triton_errors(
    http: httpx.AsyncClient, triton: FakeTriton, status: grpc.StatusCode, expected: int, slug: str
) -> None:
    """Triton's errors become ours, without Triton's words, and with Retry-After where a retry can help."""
    triton.status = status
    reply = await post(http, b'{"question": "zq7canary"}')
    assert (reply.status_code, reply.json()["type"]) == (expected, f"/docs#{slug}")
    assert ("retry-after" in reply.headers) == (expected in {503, 504})
    assert "secret" not in reply.text
    assert "zq7canary" not in reply.text


@pytest.mark.parametrize("fault", [{"probability": float("nan")}, {"probability": 1.5}, {"drop_output": True}])
async def test_a_reply_that_breaks_the_contract(
    http: httpx.AsyncClient, triton: FakeTriton, fault: dict[str, Any]
) -> None:
    """A reply of Triton's that breaks the contract is a 502, never a wrong answer."""
    for field, value in fault.items():
        setattr(triton, field, value)
    assert (await post(http, b'{"question": "loop"}')).status_code == 502


@settings(max_examples=150)
@given(body=st.binary(max_size=200) | st.text().map(lambda text: json.dumps({"question": text}).encode()))
async def test_any_body_gets_a_clear_answer(http: httpx.AsyncClient, triton: FakeTriton, body: bytes) -> None:
    """Whatever the body, the answer is a match or a problem of the client's making."""
    reply = await post(http, body)
    assert reply.status_code in {200, 400, 422}
    assert msgspec.json.decode(reply.content, type=MatchReply if reply.status_code == 200 else Problem)


async def test_models(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """/v1/models describes the version that answers, and the limits."""
    reply = msgspec.json.decode((await http.get("/v1/models")).content, type=ModelsReply)
    model = reply.models[0]
    assert isinstance(model, ModelStatus)
    assert (model.name, model.version, model.entries, model.top_k) == ("faq_matcher", "1", len(ENTRIES), len(ENTRIES))
    assert model.threshold == THRESHOLD
    assert model.limits.max_body_bytes == LIMITS.max_body_bytes
