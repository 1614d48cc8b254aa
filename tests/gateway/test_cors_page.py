"""A page of another site calls the API from a real browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from gateway.access import key
from gateway.server import serving
from gateway.settings import Settings
from tests.browser import needs_chromium
from tests.gateway.access.conftest import document, entry
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.image_model import picture
from tests.image_cases import base64

pytestmark = needs_chromium

KEY = key.new_key("ka")
PAGE = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\nconnection: close\r\n\r\n<!doctype html>"

# Calls the API as a page would: [address, path, headers, base64 of the body] -> what the page gets to see.
CALL = """async ([address, path, headers, content]) => {
  const body = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  try {
    const response = await fetch(address + path, {method: "POST", headers, body});
    const told = ["server-timing", "traceresponse", "ratelimit", "retry-after", "www-authenticate"];
    return [response.status, told.filter((name) => response.headers.has(name)), Object.keys(await response.json())];
  } catch (error) {
    return [error.name];
  }
}"""


@asynccontextmanager
async def another_site() -> AsyncIterator[str]:
    """Serve an empty page; yields its origin."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PAGE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def gateway(repository: Path, **settings: Any) -> AsyncIterator[str]:
    """Run a gateway; yields its address."""
    async with running_triton(FakeTriton()) as triton:
        given = Settings(port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository), **settings)
        async with serving(given) as addresses:
            yield f"http://{addresses.http}"


async def test_a_page_of_a_configured_origin(browser: Browser, repository: Path, tmp_path: Path) -> None:
    """With its key, the page gets answers and their headers; what it does wrong, it gets to read as well."""
    file = tmp_path / "keys.json"
    file.write_bytes(document(entry(KEY, scopes=["faq", "image"]), web={"rate": 0.01, "burst": 2}))
    async with (
        another_site() as origin,
        gateway(repository, cors_origins=origin, keys_file=str(file)) as address,
        await browser.new_page() as page,
    ):
        await page.goto(origin)
        json = {"content-type": "application/json", "request-timeout": "5", "x-api-key": KEY}
        question = base64(b'{"question": "loop"}')
        headers = ["server-timing", "traceresponse", "ratelimit"]
        assert await page.evaluate(CALL, [address, "/v1/faq/match", json, question]) == [
            200, headers, ["matches", "good_match", "model"],
        ]  # fmt: skip
        png = {"content-type": "image/png", "authorization": f"Bearer {KEY}"}
        status, told, _ = await page.evaluate(CALL, [address, "/v1/images/classify", png, base64(picture(1))])
        assert (status, told) == (200, headers)
        status, told, _ = await page.evaluate(CALL, [address, "/v1/faq/match", json, question])
        assert (status, told) == (429, ["traceresponse", "ratelimit", "retry-after"])
        status, told, _ = await page.evaluate(
            CALL, [address, "/v1/faq/match", {"content-type": "application/json"}, question]
        )
        assert (status, told) == (401, ["traceresponse", "www-authenticate"])


async def test_a_page_of_another_origin(browser: Browser, repository: Path) -> None:
    """A page that no setting names gets nothing, nor does any where none is named."""
    body = base64(b'{"question": "loop"}')
    for origins in ("", "https://app.example.com"):
        async with (
            another_site() as origin,
            gateway(repository, cors_origins=origins) as address,
            await browser.new_page() as page,
        ):
            await page.goto(origin)
            for kind in ("application/json", "text/plain"):
                arguments = [address, "/v1/faq/match", {"content-type": kind}, body]
                assert await page.evaluate(CALL, arguments) == ["TypeError"]
