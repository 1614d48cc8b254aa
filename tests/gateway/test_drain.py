"""The way to the end: a process that is told to stop, as a balancer and its clients see it."""

import asyncio
import signal
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from tests.cases import QUESTION
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.processes import addresses, end, flags, process

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def _until_ready(http: httpx.AsyncClient, url: str) -> None:
    async with asyncio.timeout(20):
        while (await http.get(f"{url}/readyz")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_the_order_of_a_drain(repository: Path, workers: str) -> None:
    """Not ready at once; serving on, with replies that end their connections; then nothing new, and exit code 0."""
    async with (
        running_triton(FakeTriton()) as triton,
        process(*flags(triton, repository), "--workers", workers, "--drain-delay", "2", "--grace", "600") as child,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        url, _ = await addresses(child)
        await _until_ready(http, url)
        body = {"question": QUESTION}
        assert "connection" not in (await http.post(f"{url}/v1/faq/match", json=body)).headers
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            while (ready := await http.get(f"{url}/readyz")).status_code == 200:
                pass
        assert ready.status_code == 503
        assert "about to stop" in ready.text
        for _ in range(4):
            reply = await http.post(f"{url}/v1/faq/match", json=body)
            assert (reply.status_code, reply.headers["connection"]) == (200, "close")
        assert child.returncode is None
        assert await asyncio.wait_for(child.wait(), 20) == 0
        with pytest.raises(httpx.ConnectError):
            await http.get(f"{url}/livez")


async def test_a_drain_over_grpc(repository: Path) -> None:
    """Who watches health is told at once; calls are answered until the end, and those in flight beyond it."""
    async with (
        running_triton(FakeTriton()) as triton,
        process(*flags(triton, repository), "--drain-delay", "1.5") as child,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        url, grpc_address = await addresses(child)
        await _until_ready(http, url)
        async with grpc.aio.insecure_channel(grpc_address) as channel:
            watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            while (await watching.read()).status != SERVING:
                pass
            child.send_signal(signal.SIGTERM)
            assert (await asyncio.wait_for(watching.read(), 10)).status == NOT_SERVING
            stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
            assert (await stub.MatchFaq(MatchFaqRequest(question=QUESTION))).results
            triton.delay = 2
            assert (await stub.MatchFaq(MatchFaqRequest(question=QUESTION))).results
        assert await asyncio.wait_for(child.wait(), 20) == 0


async def test_ctrl_c_does_not_wait_for_balancers(repository: Path) -> None:
    """SIGINT skips the time in which balancers notice."""
    async with process(
        "--port", "0", "--grpc-port", "0", "--drain-delay", "600", "--model-repository", str(repository)
    ) as child:
        await addresses(child)
        assert await end(child, signal.SIGINT) == 0


async def test_a_second_signal_ends_the_drain(repository: Path) -> None:
    """Who does not want to wait for balancers to notice signals twice."""
    async with process(
        "--port", "0", "--grpc-port", "0", "--drain-delay", "600", "--model-repository", str(repository)
    ) as child:
        await addresses(child)
        child.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert child.returncode is None
        assert await end(child) == -signal.SIGTERM
