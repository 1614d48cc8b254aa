"""The pages where keys are asked for, and where a call is refused, in a real browser."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from gateway.access import key
from tests.browser import needs_chromium
from tests.gateway.access.conftest import document, entry
from tests.gateway.image_model import LABELS, picture
from tests.gateway.visiting import visiting

pytestmark = needs_chromium

Visit = Callable[..., AbstractAsyncContextManager[Page]]
ASKED = "This service asks for an API key."
KEPT = "Your API key is kept until you close this tab."
KEY, FAQ_KEY, SLOW_KEY = (key.new_key(name) for name in ("ka", "kb", "kc"))


@pytest.fixture
def visit(browser: Browser, repository: Path, tmp_path: Path) -> Visit:
    """Open a page of a gateway with keys: one for everything, one for questions, one that may ask twice."""
    both = ["faq", "image"]
    keys = (
        entry(KEY, scopes=both), entry(FAQ_KEY, client="faq"), entry(SLOW_KEY, client="slow", scopes=both),
    )  # fmt: skip
    file = tmp_path / "keys.json"
    file.write_bytes(document(*keys, faq={}, slow={"rate": 0.01, "burst": 2}))
    return partial(visiting, browser, repository, settings={"keys_file": str(file)})


async def enter(page: Page, text: str) -> None:
    """Type a key and press Enter."""
    await page.fill("#key", text)
    await page.keyboard.press("Enter")


async def test_a_key_is_asked_for(visit: Visit) -> None:
    """The page asks for a key, says so of a wrong one, and with a good one answers what was asked."""
    async with visit("/?q=compare strings in javascript") as page:
        await page.get_by_text(ASKED).wait_for()
        await page.get_by_text("Enter an API key above.").wait_for()
        await enter(page, "wrong")
        await page.get_by_text("This key is not accepted; enter another one.").wait_for()
        await expect(page.locator("#result")).to_contain_text("API key is not known")
        await enter(page, f"  {KEY} ")
        await page.get_by_text("How to compare strings in JavaScript?").wait_for()
        await page.get_by_text(KEPT).wait_for()
        assert await page.locator("#key").is_hidden()
        assert await page.locator("#tabs").is_visible()


async def test_the_key_stays_in_its_tab(visit: Visit) -> None:
    """The key outlives a reload, is in no address, cookie or lasting store, and can be forgotten."""
    async with visit() as page:
        await enter(page, KEY)
        await page.get_by_text(KEPT).wait_for()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        await page.reload()
        await page.get_by_text(KEPT).wait_for()
        await page.fill("#question", "loop")
        await page.keyboard.press("Enter")
        await page.get_by_text("How do I loop over an array?").wait_for()
        assert not [url for url in [*sent, page.url] if KEY in url]
        assert await page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 1]
        other = await page.context.new_page()
        await other.goto(page.url)
        await other.get_by_text(ASKED).wait_for()
        await page.click("#forget")
        await page.get_by_text(ASKED).wait_for()
        assert await page.evaluate("sessionStorage.length") == 0


async def test_a_key_for_something_else(visit: Visit) -> None:
    """A picture that the key does not allow is refused with the missing scope; another key gets it classified."""
    async with visit("/#image") as page:
        await enter(page, FAQ_KEY)
        await page.locator("#tabs").wait_for()
        photo = FilePayload(name="photo.png", mimeType="image/png", buffer=picture(281))
        await page.set_input_files("#file", photo)
        await page.get_by_text("This key does not allow that; enter another one.").wait_for()
        await expect(page.locator("#classified")).to_contain_text("scope image")
        await enter(page, KEY)
        await page.locator(".classes li", has_text=LABELS[281][0]).first.wait_for()


async def test_a_quota_counts_down(visit: Visit) -> None:
    """Whoever asks too often reads when to try again."""
    async with visit() as page:
        await enter(page, SLOW_KEY)
        await page.locator("#tabs").wait_for()  # the first of two
        await page.fill("#question", "loop")
        await page.keyboard.press("Enter")
        await page.get_by_text("How do I loop over an array?").wait_for()
        await page.keyboard.press("Enter")
        line = page.locator("#result .verdict")
        await expect(line).to_contain_text(re.compile(r"Try again in \d+ s\."))
        assert await page.locator("#access").get_by_text(KEPT).is_visible()  # the key is not to blame


async def test_a_key_that_no_header_carries(visit: Visit) -> None:
    """What cannot be a key is not sent."""
    async with visit() as page:
        await page.get_by_text(ASKED).wait_for()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        await enter(page, "kлюч")
        assert await page.locator("#key:invalid").count() == 1
        assert sent == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(visit: Visit, scheme: str) -> None:
    """Asking for a key makes no page wider than a small screen, in either colour scheme."""
    options: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "color_scheme": scheme}
    async with visit(**options) as page:
        for text in ("wrong", KEY):
            await enter(page, text)
            await page.get_by_text(KEPT if text == KEY else "enter another one").wait_for()
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_the_documentation_says_how(visit: Visit) -> None:
    """The documentation needs no key, and shows how to send one and which scope an operation needs."""
    async with visit("/docs") as page:
        await page.get_by_text("X-API-Key: KEY").wait_for()
        operation = await page.locator("#matchFaq").inner_text()
        assert "Needs a key with the scope faq." in operation
        assert '-H "authorization: Bearer $SCORING_API_KEY"' in operation
        for header in ("Request-Timeout:", "Retry-After", "WWW-Authenticate"):
            assert header in operation
        assert await page.locator("tr#Retry-After").count() == 1


async def test_a_service_that_is_away(browser: Browser, repository: Path) -> None:
    """Where no keys are asked for, no field is shown; a model that is away is explained, with a time to try again."""
    async with visiting(browser, repository, settings={"deadline": 0.001}) as page:
        await page.fill("#question", "loop")
        await page.keyboard.press("Enter")
        await expect(page.locator("#result .verdict")).to_contain_text(re.compile(r"Try again (in \d+ s|now)\."))
        assert await page.locator("#access").is_hidden()
