"""The demo page in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from gateway.server import Addresses
from tests.browser import needs_chromium

pytestmark = [pytest.mark.triton, needs_chromium]


@pytest.fixture
async def page(browser: Browser, gateway: Addresses) -> AsyncIterator[Page]:
    """The demo page, failing the test on any script error or blocked resource."""
    opened, faults = await browser.new_page(), list[str]()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    await opened.goto(f"http://{gateway.http}/")
    yield opened
    assert faults == []


async def test_a_question_is_answered(page: Page) -> None:
    """Typing a question and pressing Enter shows the matches, their probabilities and the best one's answer."""
    await page.fill("textarea", "my loop prints the same number every time in setTimeout")
    await page.keyboard.press("Enter")
    await page.get_by_text("Functions created in a for loop all see the last value of i").wait_for()
    assert await page.get_by_text("A closure captures the variable").is_visible()
    assert "faq_matcher" in await page.inner_text("body")


async def test_markup_in_a_question_stays_text(page: Page) -> None:
    """A hostile question runs no script: the page shows matches and nothing else happens."""
    await page.fill("textarea", "how to sort <img src=x onerror=alert(1)> an array")
    await page.keyboard.press("Enter")
    await page.get_by_text("Answer 5", exact=False).first.wait_for()
    assert await page.locator("img").count() == 0


async def test_the_documentation_page_describes_the_interface(browser: Browser, gateway: Addresses) -> None:
    """The page at /docs is drawn from the OpenAPI document, without anything from elsewhere."""
    page, requested = await browser.new_page(), list[str]()
    page.on("request", lambda request: requested.append(request.url))
    await page.goto(f"http://{gateway.http}/docs")
    await page.get_by_text("/v1/faq/match").first.wait_for()
    assert all(url.startswith(f"http://{gateway.http}/") for url in requested)
