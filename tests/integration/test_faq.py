"""FAQ matching through the real stack: the shared cases over HTTP and gRPC, and the answers themselves."""

import csv
from typing import Any

import grpc
import httpx
import pytest

from converters.faq.dataset import SAMPLE_FOLDER
from gateway.generated.scoring_pb2 import MatchFaqReply
from gateway.server import Addresses
from tests.cases import BAD, GOOD, BadCase, GoodCase

pytestmark = pytest.mark.triton

PATH = "/v1/faq/match"
METHOD = "/scoring.v1.Scoring/MatchFaq"


def name(case: GoodCase | BadCase) -> str:
    """Name a case in pytest's report."""
    return case.name


async def _post(http: httpx.AsyncClient, case: GoodCase | BadCase, content_type: str | None) -> httpx.Response:
    return await http.post(PATH, content=case.body, headers={"content-type": content_type} if content_type else {})


async def _call(gateway: Addresses, message: bytes) -> bytes:
    async with grpc.aio.insecure_channel(gateway.grpc) as channel:
        remote: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
        return await remote(message, timeout=60)


@pytest.mark.parametrize("case", GOOD, ids=name)
async def test_good_requests(case: GoodCase, http: httpx.AsyncClient, gateway: Addresses) -> None:
    """A valid request gets its results over HTTP and, with the same ids and probabilities, over gRPC."""
    reply = (await _post(http, case, "application/json")).json()
    results = reply.get("results", [reply])
    assert [len(result["matches"]) for result in results] == [case.matches] * case.results
    over_grpc = MatchFaqReply.FromString(await _call(gateway, case.message))
    for one, other in zip(results, over_grpc.results, strict=True):
        assert [match["id"] for match in one["matches"]] == [match.id for match in other.matches]
        probabilities = [match.probability for match in other.matches]
        assert [match["probability"] for match in one["matches"]] == pytest.approx(probabilities, abs=1e-5)
        assert one["good_match"] == other.good_match
    assert reply["model"] == {"name": over_grpc.model.name, "version": over_grpc.model.version}


@pytest.mark.parametrize("case", BAD, ids=name)
async def test_bad_requests(case: BadCase, http: httpx.AsyncClient, gateway: Addresses) -> None:
    """An invalid request is refused with the documented status and field on both protocols."""
    reply = await _post(http, case, case.content_type)
    assert (reply.status_code, reply.headers["content-type"]) == (case.status, "application/problem+json")
    assert reply.json().get("field") == case.field
    if case.message is not None:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _call(gateway, case.message)
        assert caught.value.code() == grpc.StatusCode[case.code]


async def test_the_question_of_the_readme(http: httpx.AsyncClient) -> None:
    """Asking whether an array contains a value finds that entry, surely enough to call it a good match."""
    question = {"question": "how do I check whether an array contains a value?", "top_k": 3}
    reply = (await http.post(PATH, json=question)).json()
    best: dict[str, Any] = reply["matches"][0]
    assert best["question"].startswith("How do I check whether a JavaScript array contains a value?")
    assert "includes()" in best["answer"]
    assert reply["good_match"] is True


async def test_a_foreign_question_is_no_good_match(http: httpx.AsyncClient) -> None:
    """A question about something else still gets its nearest entries, marked as no good match."""
    reply = (await http.post(PATH, json={"question": "when does the ferry to Oslo leave?"})).json()
    assert reply["good_match"] is False
    assert len(reply["matches"]) == 3


async def test_held_out_questions(http: httpx.AsyncClient) -> None:
    """The held-out questions of the sample, as people ask them, find their entry as often as evaluation says."""
    with (SAMPLE_FOLDER / "test.tsv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, dialect="excel-tab"))
    hits = 0
    for start in range(0, len(rows), 100):
        batch = rows[start : start + 100]
        reply = await http.post(PATH, json={"questions": [row["Text0"] for row in batch], "top_k": 3})
        found = [{match["answer_id"] for match in result["matches"]} for result in reply.json()["results"]]
        hits += sum(int(row["AnswerId"]) in answers for row, answers in zip(batch, found, strict=True))
    assert hits / len(rows) > 0.7


async def test_service_is_ready_and_describes_its_model(http: httpx.AsyncClient) -> None:
    """The golden question gets its known answer, and /v1/models says what answers."""
    assert (await http.get("/readyz")).status_code == 200
    (model,) = [each for each in (await http.get("/v1/models")).json()["models"] if each["task"] == "faq"]
    assert (model["name"], model["version"], model["entries"], model["ready"]) == ("faq_matcher", "1", 96, True)
