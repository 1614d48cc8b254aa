"""The contract of the 2019 service."""

import json

import httpx
import msgspec
import pytest

from gateway.schema import Problem
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.faq import ENTRIES

PATH = "/api/v1/service/faq/score"


async def test_the_reply_is_a_string_that_holds_json(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A client decodes twice and finds [question id, answer id, probability] of every ranked entry, best first."""
    entry = ENTRIES[1]
    reply = await http.post(PATH, json={"input": entry.question}, headers={"authorization": "Bearer key"})
    rows = json.loads(reply.json())
    assert rows[0] == [entry.id, entry.answer_id, 1.0]
    assert len(rows) == len(ENTRIES)
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)


async def test_old_clients_are_indulged(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Other fields and other media types are overlooked, as they were then."""
    body = b'{"input": "loop", "id": 7}'
    assert (await http.post(PATH, content=body, headers={"content-type": "text/plain"})).status_code == 200
    assert (await http.post(PATH, content=body)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{}", 422, "input"),
        (b'{"input": 1}', 422, "input"),
        (b'{"input": " "}', 422, "input"),
        (b'{"input": "' + b"a" * 20_001 + b'"}', 422, "input"),
        (b"input", 400, None),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b', "input": "a"}', 400, None),
    ],
)
async def test_bad_requests_are_refused(
    http: httpx.AsyncClient, triton: FakeTriton, body: bytes, status: int, field: str | None
) -> None:
    """Errors are problem documents that name the field as this contract calls it."""
    reply = await http.post(PATH, content=body)
    problem = msgspec.json.decode(reply.content, type=Problem)
    assert (reply.status_code, problem.status, problem.field) == (status, status, field)
    assert triton.questions == []
