"""Several workers on one pair of ports: real processes, real signals."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from gateway import worker_slot
from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.settings import Settings
from gateway.worker_handle import WorkerHandle
from gateway.worker_slot import Orders, WorkerSlot, pause
from gateway.workers import _Workers
from tests.cases import QUESTION
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.processes import addresses, end, flags, process


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def names(folder: Path) -> list[str]:
    """Return the names of what a folder holds."""
    return [path.name for path in folder.iterdir()]


async def until(condition: Any) -> None:
    """Return once a condition holds; fail after a while."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_workers_share_both_ports(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of both protocols are answered by workers; SIGTERM ends them all, and leaves nothing behind."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    async with running_triton(FakeTriton()) as triton, process(*flags(triton, repository), "--workers", "2") as child:
        url, grpc_address = await addresses(child)
        assert len(children(child.pid)) == 2
        assert len(names(tmp_path)) == 1  # the folder that they share
        for _ in range(8):  # each on a connection of its own
            async with httpx.AsyncClient(trust_env=False) as http:
                assert (await http.post(f"{url}/v1/faq/match", json={"question": QUESTION})).status_code == 200
            async with grpc.aio.insecure_channel(grpc_address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
                assert (await stub.MatchFaq(MatchFaqRequest(question=QUESTION))).results
        assert await end(child) == 0
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_worker_that_dies_is_replaced(repository: Path, number: signal.Signals) -> None:
    """Its supervisor starts another one on the same ports; the others go on serving meanwhile."""
    async with running_triton(FakeTriton()) as triton, process(*flags(triton, repository), "--workers", "2") as child:
        url, _ = await addresses(child)
        first, second = children(child.pid)
        os.kill(first, number)
        await until(lambda: first not in children(child.pid))
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{url}/livez")).status_code == 200
        await until(lambda: len(children(child.pid)) == 2)
        assert second in children(child.pid)
        assert await end(child, signal.SIGINT) == 0


async def test_workers_end_with_their_supervisor(repository: Path) -> None:
    """A supervisor that is killed takes its workers along, and the ports are free."""
    async with process("--port", "0", "--grpc-port", "0", "--workers", "2") as child:
        url, _ = await addresses(child)
        workers = children(child.pid)
        child.kill()
        await child.wait()
        await until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", int(url.rpartition(":")[2])))


async def test_a_second_signal_ends_at_once(repository: Path) -> None:
    """Who is tired of waiting for what is in flight says so once more."""
    async with (
        running_triton(FakeTriton(delay=60)) as triton,
        process(*flags(triton, repository), "--workers", "2", "--grace", "600", "--deadline", "600") as child,
        httpx.AsyncClient(trust_env=False, timeout=60) as http,
    ):
        url, _ = await addresses(child)
        posted = asyncio.create_task(http.post(f"{url}/v1/faq/match", json={"question": QUESTION}))
        await until(lambda: triton.calls)
        child.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert child.returncode is None
        assert await end(child) == 128 + signal.SIGTERM
        with pytest.raises(httpx.TransportError):
            await posted


async def test_what_keeps_workers_from_starting_is_said_once() -> None:
    """A setting that no worker can use ends the run with exit code 2 and one line."""
    async with process(
        "--workers", "3", "--port", "0", "--grpc-port", "0", "--tls-cert", "no", "--tls-key", "no"
    ) as child:
        output, _ = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 2
    (line,) = output.decode().splitlines()
    assert line.startswith("scoring gateway: SCORING_TLS_CERT='no'")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program would share."""
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        yield stranger.getsockname()[1]


@pytest.mark.parametrize(
    ("protocol", "flag", "other"), [("HTTP", "--port", "--grpc-port"), ("gRPC", "--grpc-port", "--port")]
)
async def test_no_stranger_shares_a_port(taken: int, protocol: str, flag: str, other: str) -> None:
    """A port in use is refused, even where its holder is willing to share it."""
    async with process("--workers", "2", flag, str(taken), other, "0") as child:
        output, _ = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 2
    assert f"cannot listen for {protocol} on 127.0.0.1:{taken}: " in output.decode()


async def test_a_worker_that_hangs_is_replaced(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose event loop stands still is killed, and another one started."""
    monkeypatch.setattr(worker_slot, "_LONGEST_SILENCE", 2.5)
    started: list[WorkerHandle] = []
    workers = _Workers(Settings(port=0, grpc_port=0, model_repository=str(repository)), tmp_path)

    async def start(number: int) -> WorkerHandle:
        started.append(await workers._start(number))
        return started[-1]

    orders = Orders()
    slot = WorkerSlot(0, start, orders)
    keeping = asyncio.create_task(slot.keep())
    assert await slot.came_up(keeping)
    os.kill(started[0].pid, signal.SIGSTOP)
    await until(lambda: len(started) == 2 and started[1].ready.is_set())
    orders.stop(signal.SIGTERM, 10)
    slot.obey()
    assert await keeping == 0


def test_a_worker_that_never_starts_is_tried_ever_more_rarely() -> None:
    """Pauses between starts double up to a limit."""
    assert [pause(failures) for failures in (1, 2, 3, 100)] == [0.1, 0.2, 0.4, 30.0]
