"""The connection to the real Triton: pings that it bears, and that notice its death."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import grpc
import pytest
from tritonclient.grpc import service_pb2, service_pb2_grpc

from gateway.triton.connection import connect
from standalone.triton import TritonServer

pytestmark = pytest.mark.triton

READY = grpc.ChannelConnectivity.READY
PING_AFTER = 100  # milliseconds, a hundredth of what is set: Triton counts pings, whatever lies between them


async def ask(stub: Any) -> None:
    """Send a call that no model is needed for."""
    await stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=5)


@pytest.fixture
async def channel(triton: TritonServer) -> AsyncIterator[Any]:
    """A connection whose pings are a hundred times as frequent."""
    channel = connect(triton.grpc_address, PING_AFTER, 1000)
    await ask(service_pb2_grpc.GRPCInferenceServiceStub(channel))
    yield channel
    await channel.close()


def wait_until_stopped(pid: int) -> None:
    """Return once no thread of a process runs any more: one may answer a last call meanwhile."""
    threads = Path(f"/proc/{pid}/task")
    end = monotonic() + 5
    while any((each / "stat").read_text().rpartition(")")[2].split()[0] != "T" for each in threads.iterdir()):
        assert monotonic() < end
        sleep(0.01)


async def stays_ready(channel: Any, seconds: float) -> bool:
    """Tell whether the connection lasts."""
    end = monotonic() + seconds
    while monotonic() < end:
        if channel.get_state() is not READY:
            return False
        await asyncio.sleep(0.01)
    return True


async def test_pings_of_a_call_that_takes_long(channel: Any) -> None:
    """A call without an answer for thirty times the pings' interval ends without Triton's having hung up."""
    stream = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelStreamInfer()
    reading = asyncio.create_task(anext(aiter(stream), None))
    assert await stays_ready(channel, 3)
    assert not reading.done()
    stream.cancel()
    await asyncio.wait((reading,))


async def test_pings_between_calls(channel: Any) -> None:
    """Neither few calls nor none make Triton hang up."""
    stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
    for _ in range(5):
        await ask(stub)
        assert await stays_ready(channel, 0.35)
    assert await stays_ready(channel, 2)


async def test_a_triton_that_is_gone_is_noticed(triton: TritonServer, channel: Any) -> None:
    """Where nothing comes back any more, calls in flight fail when their pings do, long before their deadline."""
    stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
    os.kill(triton.pid, signal.SIGSTOP)
    try:
        wait_until_stopped(triton.pid)
        with pytest.raises(grpc.RpcError) as lost:
            await stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=30)
        assert lost.value.code() is grpc.StatusCode.UNAVAILABLE  # and not the deadline
    finally:
        os.kill(triton.pid, signal.SIGCONT)
