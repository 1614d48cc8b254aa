"""The port that only monitoring reaches: metrics and probes without keys, and nothing else."""

import asyncio
import signal
import socket
from pathlib import Path

import httpx
import pytest

from gateway.listening import AddressError
from gateway.server import serving
from gateway.settings import Settings
from tests.cases import QUESTION
from tests.gateway.access.conftest import document, entry
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.gateway_process import free_ports
from tests.gateway.processes import addresses, flags, process

KEY = "rts_k3f9a2_" + "a" * 43


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_metrics_and_probes_need_no_key_there(repository: Path, tmp_path: Path, workers: str) -> None:
    """It shows metrics and probes to whoever reaches it, and no more; the public port goes on asking for a key."""
    keys, (port, _) = tmp_path / "keys.json", free_ports()
    keys.write_bytes(document(entry(KEY)))
    more = ["--keys-file", str(keys), "--metrics-port", str(port), "--workers", workers]
    async with (
        running_triton(FakeTriton()) as triton,
        process(*flags(triton, repository), *more) as child,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as monitoring,
        httpx.AsyncClient(trust_env=False) as public,
    ):
        url, _ = await addresses(child)
        headers = {"authorization": f"Bearer {KEY}"}
        assert (await public.get(f"{url}/metrics")).status_code == 401
        answered = await public.post(f"{url}/v1/faq/match", json={"question": QUESTION}, headers=headers)
        assert answered.status_code == 200
        async with asyncio.timeout(20):  # the worker that is asked may not be the one that has just answered
            while b'scoring_requests_total{method="faq.match"' not in (await monitoring.get("/metrics")).content:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert [(await monitoring.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 200]
        assert (await monitoring.post("/v1/faq/match", json={"question": QUESTION}, headers=headers)).status_code == 404
        assert (await monitoring.get("/v1/models", headers=headers)).status_code == 404


async def test_it_tells_of_the_drain(repository: Path) -> None:
    """While the gateway drains, its probes there say that it lives and is not ready, on the same connection."""
    port, _ = free_ports()
    more = ["--metrics-port", str(port), "--drain-delay", "2"]
    async with (
        running_triton(FakeTriton()) as triton,
        process(*flags(triton, repository), *more) as child,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as monitoring,
    ):
        await addresses(child)
        assert (await monitoring.get("/readyz")).status_code == 200
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            while (await monitoring.get("/readyz")).status_code == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert (await monitoring.get("/livez")).status_code == 200
        assert b"scoring_build_info" in (await monitoring.get("/metrics")).content
        assert await asyncio.wait_for(child.wait(), 20) == 0


async def test_a_port_that_is_taken(repository: Path) -> None:
    """The error names the flag that chooses another port."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        settings = Settings(port=0, grpc_port=0, metrics_port=holder.getsockname()[1], model_repository=str(repository))
        with pytest.raises(AddressError, match="--metrics-port"):
            async with serving(settings):
                pass
