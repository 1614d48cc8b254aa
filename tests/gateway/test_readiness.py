"""Readiness, overload and deadlines: a gateway of one's own in front of a Triton that falls ill."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.batcher import Batcher, Merging
from gateway.catalog import Catalog
from gateway.catalogs import Catalogs
from gateway.errors import InvalidFieldError, NotReadyError
from gateway.readiness import Readiness
from gateway.server import serving
from gateway.service import ScoringService
from gateway.settings import Settings
from gateway.triton.addresses import parse
from gateway.triton.channel import TritonChannel
from gateway.triton.faq import FaqRanker
from tests.cases import QUESTION
from tests.gateway.fake_triton import MODEL, FakeTriton, running_triton
from tests.gateway.faq import ENTRIES, GOLDEN, write_version
from tests.gateway.image_model import write_image_version

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


async def becomes(http: httpx.AsyncClient, status: int, query: str = "") -> httpx.Response:
    """Wait until /readyz answers with a status."""
    async with asyncio.timeout(8):
        while True:
            reply = await http.get(f"/readyz{query}")
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


async def test_metrics_tell_of_readiness(tmp_path: Path) -> None:
    """Scrapes alone keep the gauge of a published model current; one that is not published has none."""
    write_version(tmp_path)

    async def becomes(gauge: str) -> str:
        async with asyncio.timeout(20):
            while gauge not in (text := (await http.get("/metrics")).text):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return text

    gauge = 'scoring_model_ready{model="faq_matcher",worker="0"}'
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, tmp_path) as http:
        assert 'scoring_model_ready{model="resnet152"' not in await becomes(f"{gauge} 1.0")
        triton.status = grpc.StatusCode.INTERNAL
        await becomes(f"{gauge} 0.0")
        triton.status = None
        await becomes(f"{gauge} 1.0")


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
        reply = await asyncio.wait_for(http.get("/readyz?model=faq_matcher"), 20)
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


async def test_versions_that_take_turns_are_ready(tmp_path: Path) -> None:
    """Whichever version answers during a roll-out, its own golden question was asked: not one proof fails."""
    write_version(tmp_path, 1)
    write_version(tmp_path, 2, shift=1000)
    new = FakeTriton(version="2", shift=1000)
    async with running_triton(FakeTriton(version="1")) as one, running_triton(new) as two:
        channel = TritonChannel(parse(f"{one.url},{two.url}"))
        batcher = Batcher(FaqRanker(channel, MODEL), Merging(8, 1, 8, 1.0))
        service = ScoringService(Settings(), batcher, Catalogs(tmp_path, MODEL, Catalog.load))
        try:
            async with asyncio.timeout(60):
                while not (one.calls and two.calls):  # one is connected before the other
                    await service.prove(10)
                for _ in range(20):
                    await service.prove(10)
        finally:
            await batcher.close()
            await channel.close()


async def test_a_version_that_is_not_known_here(tmp_path: Path) -> None:
    """While a Triton answers whose catalog is here, one whose catalog is not costs no request and no readiness."""
    write_version(tmp_path, 1)
    new = FakeTriton(version="2", shift=1000)
    async with (
        running_triton(FakeTriton()) as old,
        running_triton(new),
        gateway(f"{old.url},{new.url}", tmp_path) as http,
    ):
        await becomes(http, 200)
        async with asyncio.timeout(60):
            while not new.calls:  # it may be connected later than the other
                assert (await ask(http)).json()["model"]["version"] == "1"
        replies = [await ask(http) for _ in range(40)]
        assert {(reply.status_code, reply.json()["model"]["version"]) for reply in replies} == {(200, "1")}
        assert (await http.get("/readyz")).status_code == 200
        write_version(tmp_path, 2, shift=1000)
        async with asyncio.timeout(10):
            while (await ask(http)).json()["model"]["version"] != "2":  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.05)


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
        assert 0 < len(replies) - len(refused) <= 10
        assert {reply.json()["type"] for reply in refused} == {"/docs#overloaded"}
        assert {int(reply.headers["retry-after"]) for reply in refused} <= set(range(1, 31))
        assert (await http.get("/readyz")).status_code == 200


async def test_a_hung_triton_costs_the_deadline(repository: Path) -> None:
    """Everyone who waits for a Triton that hangs gets 504 within the deadline, those in the queue included."""
    async with (
        running_triton(FakeTriton(delay=60)) as triton,
        gateway(triton.url, repository, deadline=0.4, max_batch_size=2, max_calls=1) as http,
    ):
        replies = await asyncio.wait_for(asyncio.gather(*(ask(http) for _ in range(12))), 20)
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


def states(reply: httpx.Response) -> dict[str, str]:
    """Return the state of each model by its name."""
    return {model["name"]: model["state"] for model in reply.json()["models"]}


async def test_one_ready_model_is_enough(repository: Path) -> None:
    """While one model answers, the service is ready, if degraded; when none does, it is not, and says why of each."""
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, repository) as http:
        reply = await http.get("/readyz")
        assert (reply.status_code, reply.json()["status"]) == (200, "ready")
        assert states(reply) == {"faq_matcher": "ready", "resnet152": "ready"}
        triton.status = grpc.StatusCode.UNAVAILABLE
        await becomes(http, 503, "?model=faq_matcher")
        reply = await http.get("/readyz")
        assert (reply.status_code, reply.json()["status"]) == (200, "degraded")
        assert states(reply) == {"faq_matcher": "not_ready", "resnet152": "ready"}
        assert (await http.get("/readyz?model=resnet152")).status_code == 200


async def test_no_ready_model_is_too_few(repository: Path) -> None:
    """When no published model answers, the reasons of all of them are told."""
    unavailable = grpc.StatusCode.UNAVAILABLE
    async with (
        running_triton(FakeTriton(status=unavailable, image_status=unavailable)) as triton,
        gateway(triton.url, repository) as http,
    ):
        detail = (await becomes(http, 503)).json()["detail"]
        assert "faq_matcher: Triton" in detail
        assert "resnet152: Triton" in detail
        triton.image_status = None
        assert (await becomes(http, 200)).json()["status"] == "degraded"


async def test_a_wrong_class_is_not_ready(tmp_path: Path) -> None:
    """A classifier that gets its golden picture wrong is not ready; a FAQ beside it is."""
    write_version(tmp_path)
    write_image_version(tmp_path, golden={"class": 1, "probability": 0.5})
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, tmp_path) as http:
        reply = await http.get("/readyz?model=resnet152")
        assert (reply.status_code, reply.json()["type"]) == (503, "/docs#not-ready")
        assert (await http.get("/readyz")).json()["status"] == "degraded"


async def test_models_come_and_go(tmp_path: Path) -> None:
    """A model without a version is not waited for; one that is published while the gateway runs is served."""
    write_version(tmp_path)
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, tmp_path) as http:
        reply = await http.get("/readyz")
        assert (reply.status_code, reply.json()["status"]) == (200, "ready")
        assert states(reply) == {"faq_matcher": "ready", "resnet152": "not_published"}
        assert "no version of resnet152" in (await http.get("/readyz?model=resnet152")).json()["detail"]
        write_image_version(tmp_path)
        await becomes(http, 200, "?model=resnet152")
        shutil.rmtree(tmp_path / "faq_matcher")
        await becomes(http, 503, "?model=faq_matcher")
        reply = await http.get("/readyz")
        assert (reply.json()["status"], states(reply)["faq_matcher"]) == ("ready", "not_published")
        assert (await ask(http)).json()["type"] == "/docs#catalog-unavailable"


async def test_nothing_published(tmp_path: Path) -> None:
    """A gateway over an empty repository is not ready, and says what it lacks."""
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, tmp_path) as http:
        reply = await http.get("/readyz")
        assert (reply.status_code, reply.json()["type"]) == (503, "/docs#not-ready")
        assert "no version of faq_matcher" in reply.json()["detail"]


async def test_a_model_that_is_not_known(repository: Path) -> None:
    """Readiness of a model that does not exist is an invalid request, and its name is not repeated."""
    async with running_triton(FakeTriton()) as triton, gateway(triton.url, repository) as http:
        reply = await http.get("/readyz?model=zq7canary")
        assert (reply.status_code, reply.json()["field"]) == (422, "model")
        assert reply.json()["limit"] == "faq_matcher, resnet152"
        assert "zq7canary" not in reply.text


async def test_golden_images_are_rare(repository: Path) -> None:
    """However many probes ask, the golden picture is classified once in the time that its proof stays fresh."""
    async with running_triton(FakeTriton(image_delay=0.2)) as triton, gateway(triton.url, repository) as http:
        for _ in range(20):
            assert (await http.get("/readyz")).status_code == 200
            await asyncio.sleep(0.1)
        assert len(triton.image_calls) == 1
        assert len(triton.calls) >= 2


async def test_health_of_each_model(repository: Path) -> None:
    """The gRPC health service knows the whole service, by its name and by none, and each model by its own name."""
    async with (
        running_triton(FakeTriton(status=grpc.StatusCode.UNAVAILABLE)) as triton,
        serving(Settings(port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository))) as addresses,
        grpc.aio.insecure_channel(addresses.grpc) as channel,
    ):
        health = health_pb2_grpc.HealthStub(channel)

        async def status(service: str) -> str:
            reply = await health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
            return str(health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status))

        async with asyncio.timeout(8):
            while await status("resnet152") != "SERVING":  # noqa: ASYNC110 - Watch is tested elsewhere
                await asyncio.sleep(0.05)
        names = ("", "scoring.v1.Scoring", "resnet152", "faq_matcher")
        assert [await status(name) for name in names] == ["SERVING", "SERVING", "SERVING", "NOT_SERVING"]


def no_outage(model: str) -> None:
    """Triton may answer."""


class Slow:
    """A service whose proof takes as long as it is told to."""

    model = "slow"

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.proofs = 0

    async def published(self) -> bool:
        return True

    async def prove(self, seconds: float) -> None:
        self.proofs += 1
        await self.open.wait()


async def test_a_probe_does_not_wait_for_ever() -> None:
    """While a proof takes long, probes get the outcome before, and it is not begun a second time."""
    service = Slow()
    readiness = Readiness([(service, 30)], 0.05, no_outage)
    with pytest.raises(NotReadyError, match="still under way"):
        await asyncio.wait_for(readiness.check(), 20)
    service.open.set()
    assert (await readiness.check()).status == "ready"
    service.open.clear()
    async with asyncio.timeout(15):
        while service.proofs < 2:
            assert (await readiness.check()).status == "ready"
            await asyncio.sleep(0.1)
    assert (await asyncio.wait_for(readiness.check(), 20)).status == "ready"
    assert service.proofs == 2
    service.open.set()


async def test_a_probe_that_gives_up_spoils_nothing() -> None:
    """A cancelled probe leaves the proof to the others."""
    service = Slow()
    readiness = Readiness([(service, 30)], 5, no_outage)
    leaving, staying = asyncio.create_task(readiness.check()), asyncio.create_task(readiness.check())
    await asyncio.sleep(0.01)
    leaving.cancel()
    service.open.set()
    assert (await staying).status == "ready"
    assert service.proofs == 1


class Flaky:
    """A service whose proofs end as they are told to."""

    model = "flaky"

    def __init__(self) -> None:
        self.works = True
        self.proofs = 0

    async def published(self) -> bool:
        return True

    async def prove(self, seconds: float) -> None:
        self.proofs += 1
        if not self.works:
            raise NotReadyError("The golden question was not answered within 1 s.")


async def proved(readiness: Readiness, service: Flaky, times: int) -> None:
    """Wait until it was asked so many times more."""
    wanted = service.proofs + times
    async with asyncio.timeout(15):
        while service.proofs < wanted:
            await readiness.states()
            await asyncio.sleep(0.01)


async def test_one_lost_proof_is_forgiven() -> None:
    """A ready model stays ready when one proof fails, is asked again soon, and is not ready when that fails too."""
    service = Flaky()
    readiness = Readiness([(service, 1)], 5, no_outage)
    assert await readiness.ready()
    service.works = False
    await proved(readiness, service, 1)
    assert await readiness.ready()
    service.works = True
    await proved(readiness, service, 1)
    service.works = False
    await proved(readiness, service, 1)
    assert await readiness.ready()  # failures that do not follow each other do not add up
    await proved(readiness, service, 1)
    with pytest.raises(NotReadyError, match="was not answered"):
        await readiness.check()


async def test_one_proof_is_enough_for_the_way_back() -> None:
    """A model that has never answered is not ready at the first failure; one success makes it so."""
    service = Flaky()
    service.works = False
    readiness = Readiness([(service, 1)], 5, no_outage)
    assert not await readiness.ready()
    service.works = True
    await proved(readiness, service, 1)
    assert await readiness.ready()


async def test_an_outage_counts_at_once() -> None:
    """While it is certain that no Triton can be asked, a model is not ready, however fresh its proof is."""
    outages = dict[str, str]()
    readiness = Readiness([(Flaky(), 1)], 5, outages.get)
    assert await readiness.ready()
    outages["flaky"] = "flaky: Triton does not answer."
    with pytest.raises(NotReadyError, match="Triton does not answer"):
        await readiness.check()
    assert not await readiness.ready("flaky")
    outages.clear()
    assert await readiness.ready()


async def test_draining_is_for_good() -> None:
    """A gateway that is about to stop is not ready from then on, whatever its models answer and whoever waits."""
    service = Slow()
    readiness = Readiness([(service, 30)], 5, no_outage)
    waiting = asyncio.create_task(readiness.ready())
    await asyncio.sleep(0.01)
    readiness.drain()
    service.open.set()
    assert not await waiting
    with pytest.raises(NotReadyError, match="about to stop"):
        await readiness.check("slow")
    assert [state.state for state in await readiness.states()] == ["not_ready"]
    with pytest.raises(InvalidFieldError):
        await readiness.check("nobody")
