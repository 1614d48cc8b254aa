"""Both models, published once, and the real Triton over them, started once."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from converters.faq.conversion import Options, convert
from converters.faq.dataset import SAMPLE_FOLDER
from gateway.server import Addresses, serving
from gateway.settings import Settings
from standalone.triton import TritonServer
from standalone.triton_command import Ports

_PATIENCE = 60.0  # seconds


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with the shipped sample's model."""
    folder = tmp_path_factory.mktemp("model_repository")
    convert(SAMPLE_FOLDER, folder, Options(), lambda step: None)
    return folder


@pytest.fixture(scope="session")
def image_repository(repository: Path, resnet152_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with both models: the FAQ's, and ResNet-152 with random weights, as a new user gets them."""
    folder = tmp_path_factory.mktemp("both") / "model_repository"
    shutil.copytree(repository, folder)
    shutil.copytree(resnet152_repository, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def triton(image_repository: Path) -> Iterator[TritonServer]:
    """The real Triton, on free ports, with the engines that `scoring serve` picks where OpenVINO is installed."""
    with TritonServer(image_repository, Ports(0, 0, 0), model_config_name="local-openvino") as server:
        yield server


@pytest.fixture(scope="session")
async def gateway(image_repository: Path, triton: TritonServer) -> AsyncIterator[Addresses]:
    """The gateway in front of it; requests have the time that a busy machine needs."""
    settings = Settings(
        port=0,
        grpc_port=0,
        triton_url=triton.grpc_address,
        model_repository=str(image_repository),
        deadline=_PATIENCE,
        max_deadline=_PATIENCE,
    )
    async with serving(settings) as addresses:
        yield addresses


@pytest.fixture
async def http(gateway: Addresses) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the gateway."""
    async with httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False, timeout=_PATIENCE) as client:
        yield client
