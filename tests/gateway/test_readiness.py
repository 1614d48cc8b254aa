"""Readiness, overload and deadlines: a gateway of one's own in front of a Triton that falls ill."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx

from gateway.server import serving
from gateway.settings import Settings
from tests.cases import QUESTION
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import ENTRIES, GOLDEN, write_version

Answers = list[httpx.Response]


@asynccontextmanager
async def gateway(url: str, repository: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway and an HTTP client of it."""
    limits = httpx.Limits(max_connections=None)
    chosen = Settings(port=0, grpc_port=0, triton_url=url, model_repository=str(repository), **settings)
    async with (
        serving(chosen) as addresses,
        httpx.AsyncClient(base_url=f"http://{addresses.http}", trust_env=False, limits=limits, timeout=30) as http,
    ):
        yield http


async def ask(http: httpx.AsyncClient) -> httpx.Response:
    """Ask a valid question."""
    return await http.post("/v1/faq/match", json={"question": QUESTION})


async def becomes(http: httpx.AsyncClient, status: int) -> httpx.Response:
    """Wait until /readyz answers with a status."""
    async with asyncio.timeout(8):
        while True:
            reply = await http.get("/readyz")
            if reply.status_code == status:
                return reply
            await asyncio.sleep(0.05)


async def test_ready_means_that_the_golden_question_is_answered(repository: Path) -> None:
    """/readyz asks the golden question through the whole path, at most once a second."""
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, repository) as http:
        for _ in range(20):
            assert (await http.get("/readyz")).status_code == 200
        asked = [question for call in triton.calls for question in call]
        assert 1 <= len(asked) <= 2
        assert set(asked) == {"golden question how do i loop over an array"}


async def test_a_wrong_answer_is_not_ready(tmp_path: Path) -> None:
    """A model that answers its golden question wrong is not ready, however fast it is."""
    write_version(tmp_path, golden={"question": GOLDEN, "id": ENTRIES[4].id})
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, tmp_path) as http:
        reply = await http.get("/readyz")
        assert (reply.status_code, reply.json()["type"]) == (503, "/docs#not-ready")
        assert "known answer" in reply.json()["detail"]
        assert (await http.get("/livez")).status_code == 200


async def test_a_slow_triton_is_not_ready(repository: Path) -> None:
    """A golden question that takes longer than its deadline turns readiness off, within that deadline."""
    async with running_triton(FakeTriton(delay=30)) as triton, gateway(triton.url, repository) as http:
        reply = await asyncio.wait_for(http.get("/readyz?model=faq_matcher"), 5)
        assert (reply.status_code, reply.json()["detail"]) == (503, "The golden question was not answered within 1 s.")


async def test_without_triton(repository: Path) -> None:
    """Without Triton the gateway lives, is not ready, and refuses questions at once; it recovers by itself."""
    async with running_triton(FakeTriton()) as gone:
        url = gone.url
        await gone.stop()
        async with gateway(url, repository) as http:
            assert (await http.get("/livez")).status_code == 200
            assert (await becomes(http, 503)).headers["retry-after"] == "1"
            refused = await ask(http)
            assert (refused.status_code, refused.json()["type"]) == (503, "/docs#model-unavailable")
            assert refused.headers["retry-after"] == "1"
            models = (await http.get("/v1/models")).json()["models"]
            assert [model["ready"] for model in models] == [False, False]
            async with running_triton(FakeTriton(), port=int(url.rpartition(":")[2])):
                await becomes(http, 200)
                assert (await ask(http)).status_code == 200


async def test_without_a_catalog(tmp_path: Path) -> None:
    """A version without a catalog is a clear 503 until the catalog appears; no question reaches Triton meanwhile."""
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, tmp_path) as http:
        reply = await ask(http)
        assert (reply.status_code, reply.json()["type"]) == (503, "/docs#catalog-unavailable")
        assert (await http.get("/v1/models")).status_code == 503
        assert triton.questions == []
        write_version(tmp_path)
        await becomes(http, 200)
        assert (await ask(http)).status_code == 200


async def test_a_roll_out(tmp_path: Path) -> None:
    """The version that answers chooses the catalog, from the first reply of the new version on, and back."""
    for version in (1, 2):
        write_version(tmp_path, version, threshold=0.1 * version)
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, tmp_path) as http:
        for answering in ("1", "2", "1"):
            triton.version = answering
            assert (await ask(http)).json()["model"]["version"] == answering
            (model,) = (await http.get("/v1/models")).json()["models"]
            assert (model["version"], model["threshold"]) == (answering, 0.1 * int(answering))
        triton.version = "3"
        reply = await ask(http)
        assert (reply.status_code, reply.json()["type"]) == (503, "/docs#catalog-unavailable")
        assert "faq_matcher/3" in reply.json()["detail"]


async def test_a_golden_question_of_the_version_that_answers(tmp_path: Path) -> None:
    """When a new version answers, its own golden question counts, not that of the one before."""
    write_version(tmp_path, 1)
    write_version(tmp_path, 2, golden={"question": ENTRIES[4].question, "id": ENTRIES[4].id})
    async with running_triton(FakeTriton(version="1")) as triton, gateway(triton.url, tmp_path) as http:
        assert (await http.get("/readyz")).status_code == 200  # the newest on disk is 2, but 1 answers
        assert (await http.get("/v1/models")).json()["models"][0]["version"] == "1"


async def test_overload_is_refused_at_once(repository: Path) -> None:
    """Questions beyond the limit of the queue get 503 and Retry-After; those within it get their answers."""
    async with (
        running_triton(FakeTriton(delay=0.3)) as triton,
        gateway(triton.url, repository, max_waiting=10, max_batch_size=2, max_calls=1) as http,
    ):
        replies = await asyncio.gather(*(ask(http) for _ in range(40)))
        refused = [reply for reply in replies if reply.status_code == 503]
        assert {reply.status_code for reply in replies} == {200, 503}
        assert 10 <= len(replies) - len(refused) <= 16
        assert {reply.json()["type"] for reply in refused} == {"/docs#overloaded"}
        assert {reply.headers["retry-after"] for reply in refused} == {"1"}
        assert (await http.get("/readyz")).status_code == 200


async def test_a_hung_triton_costs_the_deadline(repository: Path) -> None:
    """Everyone who waits for a Triton that hangs gets 504 within the deadline, those in the queue included."""
    async with (
        running_triton(FakeTriton(delay=60)) as triton,
        gateway(triton.url, repository, deadline=0.4, max_batch_size=2, max_calls=1) as http,
    ):
        replies = await asyncio.wait_for(asyncio.gather(*(ask(http) for _ in range(12))), 5)
        assert {(reply.status_code, reply.json()["type"]) for reply in replies} == {(504, "/docs#deadline-exceeded")}
        triton.delay = 0
        await becomes(http, 200)
        assert (await ask(http)).status_code == 200


async def test_a_failing_backend(repository: Path) -> None:
    """A backend that dies behind a living Triton is a 503, and forgiven as soon as it is back."""
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, repository) as http:
        assert (await ask(http)).status_code == 200
        triton.status = grpc.StatusCode.INTERNAL
        assert (await ask(http)).status_code == 503
        triton.status = None
        assert (await ask(http)).status_code == 200
