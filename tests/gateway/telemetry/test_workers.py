"""The metrics of a gateway of several workers, one of which is killed."""

import asyncio
import os
import signal
from pathlib import Path

import httpx

from tests.gateway.fake_triton import FakeTriton
from tests.gateway.faq import GOLDEN
from tests.gateway.gateway_process import GatewayProcess, gateway_process
from tests.gateway.telemetry.metrics_text import read

ASKED = 40


async def _get(gateway: GatewayProcess) -> bytes:
    """Return the metrics, over a connection of its own: any worker may get it."""
    async with httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False) as client:
        return (await client.get("/metrics")).content


async def _ask(gateway: GatewayProcess) -> None:
    for _ in range(ASKED):
        async with httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False) as client:
            assert (await client.post("/v1/faq/match", json={"question": GOLDEN})).status_code == 200


def _matched(text: bytes) -> float:
    """Return how many questions were matched, according to all workers."""
    return sum(
        value
        for (name, labels), value in read(text).items()
        if name == "scoring_requests_total" and ("method", "faq.match") in labels
    )


def _workers(text: bytes) -> set[str]:
    return {dict(labels)["worker"] for name, labels in read(text) if name == "process_open_fds"}


async def _until(gateway: GatewayProcess, matched: int, workers: set[str]) -> list[float]:
    """Ask for metrics until they are complete; return what was seen on the way."""
    seen = []
    async with asyncio.timeout(30):
        while True:
            text = await _get(gateway)
            seen.append(_matched(text))
            if seen[-1] == matched and _workers(text) == workers:
                return seen
            await asyncio.sleep(0.05)


async def test_any_worker_shows_all_and_a_killed_one_takes_no_count_with_it(
    triton: FakeTriton, repository: Path, tmp_path: Path
) -> None:
    """Counters never fall, whoever shows them; the gauges of the dead go, and come back with its successor."""
    async with gateway_process(
        tmp_path / "log", workers=2, triton_url=triton.url, model_repository=repository
    ) as gateway:
        seen = await _until(gateway, 0, {"0", "1"})
        await _ask(gateway)
        seen += await _until(gateway, ASKED, {"0", "1"})
        seen += [_matched(await _get(gateway)) for _ in range(10)]  # of either worker
        os.kill(gateway.workers()[1], signal.SIGKILL)
        seen += await _until(gateway, ASKED, {"0", "1"})
        await _ask(gateway)
        seen += await _until(gateway, 2 * ASKED, {"0", "1"})
    assert seen == sorted(seen)
