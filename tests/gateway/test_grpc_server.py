"""What the gRPC port puts up with."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.grpc_server import _STREAMS
from gateway.server import Addresses
from tests.cases import QUESTION
from tests.gateway.fake_triton import FakeTriton

# Frame types and an error code of HTTP/2: RFC 9113, sections 6 and 7.
_SETTINGS, _PING, _GOAWAY = 4, 6, 7
_ENHANCE_YOUR_CALM = 11


def _frame(kind: int, payload: bytes = b"", flags: int = 0) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + bytes(4) + payload


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, bytes]]:
    while True:
        head = await reader.readexactly(9)
        yield head[3], await reader.readexactly(int.from_bytes(head[:3], "big"))


async def test_headers_are_limited(stub: ScoringStub, triton: FakeTriton) -> None:
    """Metadata of a token's size is taken, metadata of a file's size refused; the connection goes on."""
    request = MatchFaqRequest(question=QUESTION)
    assert (await stub.MatchFaq(request, metadata=[("x", "a" * 8_000)])).results
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.MatchFaq(request, metadata=[("x", "a" * 100_000)])
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await stub.MatchFaq(request)).results


async def test_pings_are_limited(running: tuple[FakeTriton, Addresses]) -> None:
    """A client that does nothing but ping is told to calm down, and its connection ends."""
    host, port = running[1].grpc.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    pings = b"".join(_frame(_PING, bytes(8)) for _ in range(8))
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(_SETTINGS) + pings)
    async with asyncio.timeout(20):
        async for kind, payload in _frames(reader):
            if kind == _GOAWAY and int.from_bytes(payload[4:8], "big") == _ENHANCE_YOUR_CALM:
                break
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            async for _ in _frames(reader):
                pass
    writer.close()


async def test_calls_of_one_connection_are_limited(channel: grpc.aio.Channel, stub: ScoringStub) -> None:
    """Calls beyond the limit wait until others of their connection have ended."""
    health = health_pb2_grpc.HealthStub(channel)
    watching = [health.Watch(health_pb2.HealthCheckRequest()) for _ in range(_STREAMS + 10)]
    first = [asyncio.create_task(each.read()) for each in watching]
    async with asyncio.timeout(20):
        while sum(each.done() for each in first) < _STREAMS:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    waiting = [each for each in first if not each.done()]
    assert 0 < len(waiting) <= 10  # one that the server refused meanwhile waits no more
    served = [call for call, read in zip(watching, first, strict=True) if read.done() and not read.exception()]
    for call in served[:20]:
        call.cancel()
        await asyncio.sleep(0.05)  # the server takes a moment to count a cancelled call as ended
    await asyncio.wait_for(asyncio.gather(*waiting), 20)
    for each in watching:
        each.cancel()
    assert (await stub.MatchFaq(MatchFaqRequest(question=QUESTION))).results
