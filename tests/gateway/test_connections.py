"""HTTP connections: bodies in pieces, pipelining, clients that hang up."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest

from gateway.server import Addresses
from tests.cases import LIMITS, QUESTION
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.faq import ENTRIES

PATH = "/v1/faq/match"
JSON = {"content-type": "application/json"}


def _head(length: int) -> bytes:
    head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    return head.encode()


async def _chunks(count: int, size: int = 100_000) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * size


async def test_a_chunked_body_is_limited(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A body that announces no length is refused as soon as it is too large; the connection stays usable."""
    reply = await http.post(PATH, content=_chunks(30), headers=JSON)
    assert (reply.status_code, reply.json()["limit"]) == (413, LIMITS.max_body_bytes)
    assert (await http.get("/livez")).status_code == 200


async def test_a_chunked_body_is_read(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A body may come in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"ques', b'tion": "lo', b'op"}'):
            yield piece
            await asyncio.sleep(0.01)

    reply = await http.post(PATH, content=pieces(), headers=JSON)
    assert reply.status_code == 200
    assert triton.questions == ["loop"]


async def test_a_huge_announced_body_is_cut_off(running: tuple[FakeTriton, Addresses]) -> None:
    """A body that announces gigabytes is refused unread, and the connection closed."""
    host, port = running[1].http.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(_head(5_000_000_000) + b"{")
    reply = await asyncio.wait_for(reader.read(), 20)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in reply
    writer.close()


async def test_pipelined_requests(running: tuple[FakeTriton, Addresses], triton: FakeTriton) -> None:
    """Requests that a client sends without waiting are answered in their order."""
    host, port = running[1].http.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for entry in ENTRIES:
        body = json.dumps({"question": entry.question, "top_k": 1}).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
    writer.write(b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    replies = (await asyncio.wait_for(reader.read(), 20)).decode()
    assert [int(number) for number in re.findall(r'"matches":\[{"id":(\d+)', replies)] == [
        entry.id for entry in ENTRIES
    ]
    assert replies.endswith('{"status":"alive"}')
    writer.close()


async def test_a_client_that_hangs_up_harms_nobody(
    running: tuple[FakeTriton, Addresses], http: httpx.AsyncClient, triton: FakeTriton
) -> None:
    """A connection that ends within a body or while its answer is awaited is forgotten."""
    host, port = running[1].http.split(":")
    triton.delay = 0.05
    for body in (b'{"question"', b'{"question": "loop"}'):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(_head(20) + body)
        await asyncio.sleep(0.02)
        writer.transport.abort()
    assert (await http.post(PATH, json={"question": QUESTION})).status_code == 200


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"x: ", b"a" * 1000),
        (b"", b"a: b\r\n" * 200),
        (b"transfer-encoding: chunked\r\n\r\n1;x=", b"a" * 1000),
        (b"transfer-encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n" * 200),
    ],
    ids=["one header", "many headers", "chunk extension", "trailers"],
)
async def test_a_head_without_end_is_cut_off(
    running: tuple[FakeTriton, Addresses], http: httpx.AsyncClient, head: bytes, piece: bytes
) -> None:
    """Headers, trailers and the like are taken in up to a limit; then the connection ends, and the others go on."""
    host, port = running[1].http.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /v1/faq/match HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" + head)
    with suppress(ConnectionError):
        async with asyncio.timeout(20):
            while not reader.at_eof():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
    assert (await http.get("/livez")).status_code == 200
    writer.close()


async def test_a_long_head_is_read(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Headers of the size that other servers allow are taken in."""
    reply = await http.post(PATH, json={"question": QUESTION}, headers={"cookie": "a" * 60_000})
    assert reply.status_code == 200


async def test_the_server_does_not_introduce_itself(http: httpx.AsyncClient) -> None:
    """No header tells what the server is made of."""
    assert "server" not in (await http.get("/livez")).headers
