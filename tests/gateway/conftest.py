"""The fixtures of the gateway's tests: a fake Triton and a real gateway on real sockets, started once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import httpx
import pytest

from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.server import Addresses, serving
from gateway.settings import Settings
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import GOLDEN, write_version
from tests.gateway.image_model import GOLDEN as GOLDEN_CLASS
from tests.gateway.image_model import picture, write_image_version

GOLDEN_PICTURE = picture(GOLDEN_CLASS)


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with one version of each model."""
    folder = tmp_path_factory.mktemp("repository")
    write_version(folder)
    write_image_version(folder)
    return folder


@pytest.fixture(scope="session")
async def running(repository: Path) -> AsyncIterator[tuple[FakeTriton, Addresses]]:
    """The fake Triton and the gateway in front of it."""
    async with running_triton(FakeTriton()) as triton:
        settings = Settings(port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository))
        async with serving(settings) as addresses:
            yield triton, addresses


@pytest.fixture
async def triton(running: tuple[FakeTriton, Addresses], http: httpx.AsyncClient) -> FakeTriton:
    """The fake Triton as new: no calls, no faults, and the gateway has forgiven it those of the test before."""
    running[0].reset()
    async with asyncio.timeout(10):
        while not await _answered(http):  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.05)
    running[0].reset()
    return running[0]


async def _answered(http: httpx.AsyncClient) -> bool:
    question = await http.post("/v1/faq/match", json={"question": GOLDEN})
    picture = await http.post("/v1/images/classify", content=GOLDEN_PICTURE, headers={"content-type": "image/png"})
    return question.status_code == picture.status_code == 200


@pytest.fixture
async def http(running: tuple[FakeTriton, Addresses]) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the gateway."""
    async with httpx.AsyncClient(base_url=f"http://{running[1].http}", trust_env=False) as client:
        yield client


@pytest.fixture
async def channel(running: tuple[FakeTriton, Addresses]) -> AsyncIterator[grpc.aio.Channel]:
    """A gRPC channel to the gateway, without a limit on what it sends."""
    async with grpc.aio.insecure_channel(running[1].grpc) as channel:
        yield channel


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> ScoringStub:
    """A gRPC client of the gateway."""
    return ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
