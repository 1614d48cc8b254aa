"""A gateway's page in a real browser, where nothing may go wrong unseen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from gateway.server import serving
from gateway.settings import Settings
from tests.gateway.fake_triton import FakeTriton, running_triton

# What a browser writes on its console of any reply from 400 on, and of any page that it keeps from doing something.
_REPLIED = "Failed to load resource: the server responded with a status of "


@asynccontextmanager
async def visiting(
    browser: Browser, repository: Path, path: str = "/", *, settings: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[Page]:
    """Open a page of a gateway of its own; script errors, blocked resources and calls to elsewhere fail the test."""
    async with running_triton(FakeTriton()) as triton:
        given = Settings(
            port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository), **(settings or {})
        )
        async with serving(given) as addresses:
            context = await browser.new_context(**options)
            page = await context.new_page()
            faults = watched(page, addresses.http)
            await page.goto(f"http://{addresses.http}{path}")
            yield page
            await context.close()
    assert faults == []


def watched(page: Page, *addresses: str) -> list[str]:
    """Return the list that gathers what goes wrong on a page, calls to other addresses included."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if _is_fault(message.type, message.text) else None)
    page.on("request", lambda request: None if _is_known(request.url, addresses) else faults.append(request.url))
    return faults


def _is_fault(kind: str, text: str) -> bool:
    return kind in {"error", "warning"} and not text.startswith(_REPLIED)


def _is_known(url: str, addresses: tuple[str, ...]) -> bool:
    return url.startswith(("data:", *(f"http://{address}/" for address in addresses)))
