"""Clients that announce a request and do not send it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.server import Addresses, serving
from gateway.settings import Settings
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.http2 import END_HEADERS, HEADERS, connected, frame, request_headers

HEAD = b"POST /v1/faq/match HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20\r\n"


@pytest.fixture
async def gateway(triton: FakeTriton, repository: Path) -> AsyncIterator[Addresses]:
    """A gateway that waits one second for a body."""
    settings = Settings(port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository), body_timeout=1.0)
    async with serving(settings) as addresses:
        yield addresses


@pytest.mark.parametrize("rest", [b"\r\n", b"\r\n{", b"expect: 100-continue\r\n\r\n"], ids=["none", "some", "expect"])
async def test_http(gateway: Addresses, rest: bytes) -> None:
    """A body that does not arrive in time gets a 408, were it only its first byte that is missing."""
    host, port = gateway.http.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(HEAD + rest)
    reply = (await asyncio.wait_for(reader.read(), 20)).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b'"type":"/docs#slow-body"' in reply
    writer.close()


async def test_grpc(gateway: Addresses) -> None:
    """A call without a message ends, and hundreds of them keep nobody from being answered meanwhile."""
    path = "/scoring.v1.Scoring/MatchFaq"
    async with connected(gateway.grpc) as idle, grpc.aio.insecure_channel(gateway.grpc) as channel:
        for number in range(1, 401, 2):
            await idle.send(frame(HEADERS, END_HEADERS, number, request_headers(path)))
        stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
        assert (await stub.MatchFaq(MatchFaqRequest(question="loop"), timeout=30)).results
        last = (await idle.until_ended(1, 20))[-1]
        assert b"grpc-status\x014" in last.payload  # DEADLINE_EXCEEDED
