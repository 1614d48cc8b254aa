"""Large bodies on the wire: in pieces, too long, too slow, given up, and too many at a time."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from gateway.asgi import Handler, Post
from gateway.call import Call, Head
from gateway.front_door import Method
from gateway.limits.admission import Admission, Bounds
from gateway.problems import Headers
from gateway.server import Addresses, serving
from gateway.settings import Settings
from tests.cases import QUESTION
from tests.gateway.calls import front_door
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.image_model import LABELS, picture
from tests.image_cases import BAD_IMAGES, FORM, JPEG, LIMITS, form

PATH = "/v1/images/classify"
JPEG_HEADERS = {"content-type": "image/jpeg"}


def head(length: int, content_type: str = "image/jpeg", *more: str) -> bytes:
    """The head of a request with a body of that length."""
    lines = [f"POST {PATH} HTTP/1.1", "host: x", f"content-type: {content_type}", f"content-length: {length}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def connection(addresses: Addresses) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection of one's own to the gateway."""
    host, port = addresses.http.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    """A body in pieces, with a pause after each."""
    for start in range(0, len(body), size):
        yield body[start : start + size]
        await asyncio.sleep(0)


async def test_images_arrive_in_pieces(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A body without a length, and a form of which each byte comes alone, are read like any other."""
    reply = await http.post(PATH, content=pieces(picture(123), 50), headers={"content-type": "image/png"})
    assert reply.json()["classes"][0]["wnid"] == LABELS[123][0]
    slow = form(("image", picture(124, width=16, height=16), "image/png"))
    reply = await http.post(PATH, content=pieces(slow, 1), headers={"content-type": FORM})
    assert reply.json()["classes"][0]["wnid"] == LABELS[124][0]


async def test_a_chunked_body_is_limited(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """A body that announces no length is refused as soon as it is too large; the connection stays usable."""
    body = pieces(bytes(LIMITS.max_image_body_bytes + 1_000_000), 500_000)
    reply = await http.post(PATH, content=body, headers=JPEG_HEADERS)
    assert (reply.status_code, reply.json()["limit"]) == (413, LIMITS.max_image_body_bytes)
    assert (await http.get("/livez")).status_code == 200


async def test_a_refused_head_needs_no_body(running: tuple[FakeTriton, Addresses]) -> None:
    """What the head rules out is refused before a byte of the body is sent, or asked for."""
    for lines, status in (
        (head(10_000_000, "text/plain", "expect: 100-continue"), b"415"),
        (head(LIMITS.max_image_body_bytes + 1, "image/jpeg", "expect: 100-continue"), b"413"),
        (head(10_000_000).replace(b"/classify", b"/classify?top_k=x"), b"422"),
        (head(10_000_000, "multipart/form-data"), b"400"),
    ):
        async with connection(running[1]) as (reader, writer):
            writer.write(lines)
            assert (await asyncio.wait_for(reader.readline(), 20)).split()[1] == status


async def test_a_client_that_hangs_up_harms_nobody(
    running: tuple[FakeTriton, Addresses], http: httpx.AsyncClient, triton: FakeTriton
) -> None:
    """A connection that ends within a body or while its answer is awaited is forgotten."""
    triton.image_delay = 0.05
    for body in (JPEG[:100], JPEG):
        async with connection(running[1]) as (_, writer):
            writer.write(head(len(JPEG)) + body)
            await asyncio.sleep(0.02)
            writer.transport.abort()
    assert (await http.post(PATH, content=JPEG, headers=JPEG_HEADERS)).status_code == 200


async def test_all_bodies_together_are_limited(repository: Path) -> None:
    """Clients that send and never finish take up to a limit of memory; when they go, others are served again."""
    async with running_triton(FakeTriton()) as triton:
        settings = Settings(
            port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository), max_body_bytes=100_000,
            max_image_body_bytes=100_000, max_waiting_image_bytes=1_600_000,
        )  # fmt: skip
        async with (
            serving(settings) as addresses,
            httpx.AsyncClient(base_url=f"http://{addresses.http}", trust_env=False) as http,
        ):
            async with AsyncExitStack() as stalled:
                for _ in range(16):
                    _, writer = await stalled.enter_async_context(connection(addresses))
                    writer.write(head(100_000) + bytes(99_999))
                refused = await _becomes(http, 503)
                assert refused.json()["type"] == "/docs#overloaded"
                assert int(refused.headers["retry-after"]) >= 1
                assert (await http.post("/v1/faq/match", json={"question": QUESTION})).status_code == 200
            await _becomes(http, 200)


async def _becomes(http: httpx.AsyncClient, status: int) -> httpx.Response:
    """Send pictures until one is answered with a status."""
    async with asyncio.timeout(10):
        while True:
            reply = await _classify_in_pieces(http)
            if reply.status_code == status:
                return reply
            await asyncio.sleep(0.05)


async def _classify_in_pieces(http: httpx.AsyncClient) -> httpx.Response:
    """Send a picture in pieces, which is what counts as held."""

    async def body() -> AsyncIterator[bytes]:
        yield JPEG[:100]
        await asyncio.sleep(0.02)
        yield JPEG[100:]

    return await http.post(PATH, content=body(), headers=JPEG_HEADERS)


async def test_a_body_that_takes_too_long(triton: FakeTriton) -> None:
    """A body that does not arrive in its time is given up with 408, and what it held is free again."""
    admission, sent = Admission(Bounds(10, 1000, 10), "images"), list[MutableMapping[str, Any]]()

    def choose(head: Head) -> Handler:
        return _unreached

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    post = Post(Method("test", admission=admission), choose, front_door(), max_body_bytes=1000, patience=0.1)
    await post({"method": "POST", "headers": [], "query_string": b""}, receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert admission.items == admission.bytes == 0


async def _unreached(body: bytes, call: Call) -> tuple[Headers, bytes]:
    raise AssertionError


async def test_hostile_bodies_hold_up_nobody(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """While bodies that are made to be slow to read are refused, questions go on being answered."""
    hostile = [
        case for case in BAD_IMAGES if "million" in case.name or "megabytes" in case.name or "lines" in case.name
    ]
    assert len(hostile) >= 8
    sending = asyncio.gather(
        *(
            http.post(PATH, content=case.make_body(), headers={"content-type": str(case.content_type)}, timeout=60)
            for case in hostile
        )
    )
    answered = 0
    while not sending.done():
        reply = await asyncio.wait_for(http.post("/v1/faq/match", json={"question": QUESTION}), 20)
        assert reply.status_code == 200
        answered += 1
    assert [reply.status_code for reply in await sending] == [case.status for case in hostile]
    assert answered > 0
