"""Real Tritons that are killed and stopped under a constant load: what its clients notice of it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest

from gateway.server import Addresses, serving
from gateway.settings import Settings
from standalone.triton import TritonServer
from standalone.triton_command import Ports
from tests.integration.load import Load, loaded

pytestmark = pytest.mark.triton

DEADLINE = 5.0  # the gateway's default
SLACK = 10.0  # seconds that this busy machine may take to say that a deadline is over
STOPPED = 10.0  # seconds that a Triton is stopped


@pytest.fixture
def tritons(repository: Path) -> Iterator[list[TritonServer]]:
    """Two Tritons that serve the same model."""
    with TritonServer(repository, Ports()) as one, TritonServer(repository, Ports()) as other:
        yield [one, other]


@asynccontextmanager
async def under_load(repository: Path, *tritons: TritonServer) -> AsyncIterator[tuple[Load, Addresses]]:
    """A gateway in front of Tritons, and a load that ends with the context."""
    url = ",".join(triton.grpc_address for triton in tritons)
    settings = Settings(port=0, grpc_port=0, triton_url=url, model_repository=str(repository), log_requests="none")
    async with serving(settings) as addresses, loaded(addresses) as load:
        yield load, addresses


async def restarted(triton: TritonServer) -> None:
    """Start a Triton that was killed, on the ports that it had; return when it answers."""

    def restart() -> None:
        triton.stop(grace=0)
        triton.launch()

    await asyncio.to_thread(restart)
    while not await asyncio.to_thread(triton.is_ready):  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.05)


async def becomes(addresses: Addresses, status: int) -> None:
    """Wait until /readyz answers with a status: a failed proof counts for a second."""
    async with httpx.AsyncClient(base_url=f"http://{addresses.http}", trust_env=False) as client, asyncio.timeout(10):
        while (await client.get("/readyz")).status_code != status:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.05)


def check(load: Load, since: float) -> None:
    """Every failure is one that says so, and comes in time; in the end everything is answered."""
    assert set(load.statuses()) <= {200, 503, 504}
    assert load.slowest() <= DEADLINE + SLACK
    assert set(load.statuses(since)) == {200}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
async def test_one_of_two_is_killed(repository: Path, tritons: list[TritonServer], how: signal.Signals) -> None:
    """A Triton that is killed, or told to stop, costs no request; started again, it serves again."""
    victim = tritons[0]
    async with under_load(repository, *tritons) as (load, addresses):
        os.kill(victim.pid, how)
        await asyncio.sleep(2)
        await becomes(addresses, 200)
        await restarted(victim)
        await asyncio.sleep(2)
        os.kill(tritons[1].pid, signal.SIGKILL)  # now it is on its own
        await asyncio.sleep(1)
        await load.answered()
    assert set(load.statuses()) == {200}
    assert load.slowest() <= DEADLINE


async def test_one_of_two_is_stopped(repository: Path, tritons: list[TritonServer]) -> None:
    """A Triton that hangs costs no request either: what it was asked is asked of the other one in time."""
    async with under_load(repository, *tritons) as (load, addresses):
        os.kill(tritons[0].pid, signal.SIGSTOP)
        await asyncio.sleep(STOPPED)
        await becomes(addresses, 200)
        os.kill(tritons[0].pid, signal.SIGCONT)
        await asyncio.sleep(2)
        os.kill(tritons[1].pid, signal.SIGKILL)
        await asyncio.sleep(1)
        await load.answered()
    assert set(load.statuses()) == {200}
    assert load.slowest() <= DEADLINE


async def test_a_backend_of_one_of_two_is_killed(repository: Path, tritons: list[TritonServer]) -> None:
    """A Triton whose model process is dead, and that says it is well, is left alone."""
    async with under_load(repository, *tritons) as (load, _):
        killed = monotonic()
        os.kill(tritons[0].stub_pids[0], signal.SIGKILL)
        await asyncio.sleep(6)
        await load.answered()
    check(load, killed + 4)


async def test_the_only_one_is_killed(repository: Path, tritons: list[TritonServer]) -> None:
    """Without any Triton requests get their 503 at once, readiness says so, and it is over when Triton is back."""
    async with under_load(repository, tritons[0]) as (load, addresses):
        os.kill(tritons[0].pid, signal.SIGKILL)
        await load.until(lambda: 503 in load.statuses())
        down = monotonic()
        await asyncio.sleep(2)
        await becomes(addresses, 503)
        assert set(load.statuses(down)) == {503}
        await restarted(tritons[0])
        back = await load.answered()
        await becomes(addresses, 200)
    check(load, back)


async def test_the_only_one_is_stopped(repository: Path, tritons: list[TritonServer]) -> None:
    """When the only Triton hangs, clients soon get their 503 at once, instead of waiting until their deadline."""
    async with under_load(repository, tritons[0]) as (load, addresses):
        os.kill(tritons[0].pid, signal.SIGSTOP)
        await load.until(lambda: 503 in load.statuses())
        down = monotonic()
        await asyncio.sleep(STOPPED - 4)
        await becomes(addresses, 503)
        refused = [each.seconds for each in load.outcomes if each.sent > down]
        assert max(refused) < DEADLINE / 2
        os.kill(tritons[0].pid, signal.SIGCONT)
        back = await load.answered()
        await becomes(addresses, 200)
    check(load, back)
