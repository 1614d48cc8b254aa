"""Tritons of their own for images: who is asked, and what a reply says of who answered."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.server import serving
from gateway.settings import Settings, SettingsError
from gateway.triton.channels import TritonChannels
from tests.cases import QUESTION
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.image_model import picture
from tests.gateway.triton.link import linked

PICTURE: dict[str, Any] = {"content": picture(1), "headers": {"content-type": "image/png"}}


async def test_images_have_tritons_of_their_own_and_stand_ins(repository: Path) -> None:
    """Questions go to the Tritons for questions, images to theirs, and to the others while those are away.

    A reply names the engine that computed it, whichever pool that was in.
    """
    async with (
        running_triton(FakeTriton(image_backend="openvino")) as cpu,
        running_triton(FakeTriton()) as gpu,
        linked(gpu.url) as link,
    ):
        settings = Settings(
            port=0,
            grpc_port=0,
            triton_url=cpu.url,
            image_triton_url=link.url,
            image_triton_fallback_url=cpu.url,
            model_repository=str(repository),
        )
        async with serving(settings) as addresses, httpx.AsyncClient(base_url=f"http://{addresses.http}") as http:

            async def engine() -> str:
                reply = await http.post("/v1/images/classify", **PICTURE)
                assert reply.status_code == 200
                return str(reply.json()["model"]["engine"])

            assert (await http.post("/v1/faq/match", json={"question": QUESTION})).status_code == 200
            assert cpu.calls
            assert not gpu.calls
            assert await engine() == "onnxruntime-cpu"
            assert cpu.image_calls == []
            await link.set("cut")
            assert await engine() == await engine() == "openvino-cpu"
            assert 'scoring_triton_fallback_calls_total{worker="0"} 2.0' in (await http.get("/metrics")).text
            assert (await http.get("/readyz?model=resnet152")).status_code == 200
            await link.set("open")
            async with asyncio.timeout(20):
                while await engine() != "onnxruntime-cpu":
                    pass


async def test_without_stand_ins_an_outage_is_the_images_alone(repository: Path) -> None:
    """Where the Tritons for images are away and nothing stands in, images get 503 and questions their answers."""
    async with running_triton(FakeTriton()) as cpu, running_triton(FakeTriton()) as gpu, linked(gpu.url) as link:
        settings = Settings(
            port=0,
            grpc_port=0,
            triton_url=cpu.url,
            image_triton_url=link.url,
            model_repository=str(repository),
        )
        async with serving(settings) as addresses, httpx.AsyncClient(base_url=f"http://{addresses.http}") as http:
            await link.set("cut")
            assert (await http.post("/v1/images/classify", **PICTURE)).status_code == 503
            assert (await http.post("/v1/faq/match", json={"question": QUESTION})).status_code == 200
            ready = (await http.get("/readyz")).json()
            assert ready["status"] == "degraded"


@pytest.mark.parametrize("name", ["triton_url", "image_triton_url", "image_triton_fallback_url"])
async def test_an_address_that_cannot_be_read(name: str) -> None:
    """The error names the variable that holds it."""
    settings = Settings.from_env({f"SCORING_{name.upper()}": "no port"})
    with pytest.raises(SettingsError, match=f"SCORING_{name.upper()}='no port'"):
        TritonChannels(settings)
