"""Load over TLS, on a real gateway that speaks nothing else."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import numpy as np
import pytest

from gateway.server import Addresses, serving
from gateway.settings import Settings
from loadtest.errors import LoadTestError
from loadtest.load import inputs
from loadtest.load.grpc_service import GrpcService
from loadtest.load.http_service import HttpService
from loadtest.load.service import Pace, Service
from tests.gateway.certificates import make_pair
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import write_version

QUESTIONS = ["how do I sort an array?"]


class Secured(NamedTuple):
    """Where the gateway listens, and the file with its certificate."""

    addresses: Addresses
    cert: str


@pytest.fixture(scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    """A gateway in front of the fake Triton."""
    folder = tmp_path_factory.mktemp("secured")
    write_version(folder)
    cert, key = make_pair().write(folder)
    async with running_triton(FakeTriton()) as triton:
        settings = Settings(
            port=0, grpc_port=0, triton_url=triton.url, model_repository=str(folder), tls_cert=cert, tls_key=key
        )
        async with serving(settings) as addresses:
            yield Secured(addresses, cert)


def services(addresses: Addresses) -> list[Service]:
    """Both protocols."""
    return [
        HttpService(f"https://{addresses.http}", "", inputs.questions_over_http(QUESTIONS, 1)),
        GrpcService(f"https://{addresses.grpc}", "", inputs.questions_over_grpc(QUESTIONS, 1)),
    ]


def _ask_and_load(service: Service) -> list[int]:
    service.ask()
    statuses: list[int] = service.start(Pace(np.arange(20) / 100, 1, 10.0)).outcome().status.tolist()
    return statuses


async def test_both_protocols(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the certificate's authority in SSL_CERT_FILE, the first request and the load are answered."""
    monkeypatch.setenv("SSL_CERT_FILE", secured.cert)
    for service in services(secured.addresses):
        assert await asyncio.to_thread(_ask_and_load, service) == [200] * 20


async def test_certificate_that_nobody_vouches_for(secured: Secured) -> None:
    """It is refused before anything is sent; over HTTP the error says what to set."""
    over_http, over_grpc = services(secured.addresses)
    with pytest.raises(LoadTestError, match="not trusted") as raised:
        await asyncio.to_thread(over_http.ask)
    assert "SSL_CERT_FILE" in raised.value.hint
    with pytest.raises(LoadTestError, match="nobody answers"):
        await asyncio.to_thread(over_grpc.ask)
