"""The demo page's picture tab in a real browser."""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FileChooser, FilePayload, Page, expect

from tests.browser import needs_chromium
from tests.gateway.faq import write_version
from tests.gateway.image_model import LABELS, picture, write_image_version
from tests.gateway.visiting import visiting
from tests.image_cases import base64

pytestmark = needs_chromium

Visit = Callable[..., AbstractAsyncContextManager[Page]]
EVIL = "<img src=x onerror=\"document.title='pwned'\"><b>bold</b>"

# Hands a file to the page as a drop or a paste does: [event, base64, name, media type].
HAND_OVER = """([event, content, name, type]) => {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type}));
  const details = {bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer};
  document.body.dispatchEvent(event === "paste" ? new ClipboardEvent(event, details) : new DragEvent(event, details));
}"""


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Visit:
    """Open a page of a gateway that serves what the test has published."""
    return partial(_visit, browser, tmp_path)


def _visit(
    browser: Browser, repository: Path, path: str = "/#image", **options: Any
) -> AbstractAsyncContextManager[Page]:
    return visiting(browser, repository, path, **options)


def file(number: int, name: str = "photo.png", media_type: str = "image/png") -> FilePayload:
    """A picture as playwright puts it into a file input."""
    return FilePayload(name=name, mimeType=media_type, buffer=picture(number))


async def classes(page: Page, number: int) -> list[str]:
    """Wait for the classes of a picture and return their lines."""
    await page.locator(".classes li", has_text=LABELS[number][0]).first.wait_for()
    return await page.locator(".classes li").all_inner_texts()


async def test_a_picture_is_classified(visit: Visit, tmp_path: Path) -> None:
    """A chosen file shows as a preview beside its classes, with the model, its engine and the times."""
    write_version(tmp_path)
    write_image_version(tmp_path)
    async with visit() as page:
        await page.set_input_files("#file", file(281))
        lines = await classes(page, 281)
        assert [line.split("\n")[0] for line in lines] == [f"{label} {wnid}" for wnid, label in LABELS[281:286]]
        assert lines[0].endswith("50 %")
        assert await page.locator("canvas").evaluate("(canvas) => [canvas.width, canvas.height]") == [224, 224]
        assert await page.locator("figcaption").inner_text() == "photo.png"
        footer = await page.locator("footer").inner_text()
        assert "resnet152, version 1, weights imagenet-v2, onnxruntime-cpu" in footer
        assert "decode " in footer
        assert await page.locator("#alarm").is_hidden()
        await page.select_option("#classes", "3")
        await expect(page.locator(".classes li")).to_have_count(3)
        await page.set_input_files("#file", file(100))
        assert len(await classes(page, 100)) == 3


@pytest.mark.parametrize("event", ["drop", "paste"])
async def test_a_picture_is_dropped_or_pasted(visit: Visit, tmp_path: Path, event: str) -> None:
    """A file that is dropped on the page or pasted is classified like a chosen one; the page stays."""
    write_version(tmp_path)
    write_image_version(tmp_path)
    async with visit() as page:
        await page.locator("#tabs").wait_for()
        await page.evaluate(HAND_OVER, [event, base64(picture(42)), "photo.png", "image/png"])
        assert await classes(page, 42)


async def test_random_weights_raise_an_alarm(visit: Visit, tmp_path: Path) -> None:
    """A model with random weights is announced before anything is classified, and stays so."""
    write_version(tmp_path)
    write_image_version(tmp_path, weights="untrained")
    async with visit() as page:
        alarm = page.locator("#alarm")
        await alarm.wait_for()
        assert "These classes mean nothing." in await alarm.inner_text()
        assert await alarm.get_attribute("role") == "alert"
        await page.set_input_files("#file", file(7))
        await classes(page, 7)
        assert await alarm.is_visible()


async def test_a_refused_file_is_explained(visit: Visit, tmp_path: Path) -> None:
    """What the gateway says of a file that is no picture is shown; a file that is too large is not even sent."""
    write_version(tmp_path)
    write_image_version(tmp_path)
    async with visit() as page:
        await page.locator("#tabs").wait_for()
        await page.set_input_files("#file", FilePayload(name="x.txt", mimeType="text/plain", buffer=b"no picture"))
        verdict = page.locator("#classified .verdict")
        await verdict.wait_for()
        assert "JPEG" in await verdict.inner_text()
        large = FilePayload(name="x.png", mimeType="image/png", buffer=bytes(11_000_000))
        await page.set_input_files("#file", large)
        await page.get_by_text("A picture may have at most 10.0 MiB.").wait_for()


async def test_labels_stay_text(visit: Visit, tmp_path: Path) -> None:
    """Markup in a label or in a file's name is shown as it is written."""
    folder = write_image_version(tmp_path)
    lines = (folder / "labels.txt").read_text().splitlines()
    names = "\n".join([f"n00000000 {EVIL}", *lines[1:]]) + "\n"
    (folder / "labels.txt").write_text(names)
    card = (folder / "model.json").read_text()
    old = hashlib.sha256("\n".join(lines).encode() + b"\n").hexdigest()
    (folder / "model.json").write_text(card.replace(old, hashlib.sha256(names.encode()).hexdigest()))
    async with visit("/") as page:
        await page.locator("#image").wait_for()
        await page.set_input_files("#file", file(0, name="<b>x.png"))
        await page.locator(".classes li").first.wait_for()
        assert EVIL in await page.locator(".classes li").first.inner_text()
        assert await page.locator("figcaption").inner_text() == "<b>x.png"
        assert (await page.title(), await page.locator("img, .classes b").count()) == ("Real-time scoring", 0)


async def test_tabs_follow_what_is_served(visit: Visit, tmp_path: Path) -> None:
    """Without an image model there is only the FAQ; without a FAQ only pictures; with both there are tabs."""
    folder = write_version(tmp_path)
    async with visit() as page:
        await page.wait_for_load_state("networkidle")
        assert (await page.locator("#tabs").is_hidden(), await page.locator("#image").is_hidden()) == (True, True)
        assert await page.locator("#faq").is_visible()
    write_image_version(tmp_path)
    async with visit("/") as page:
        await page.locator("#tabs").wait_for()
        assert await page.locator("#faq").is_visible()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    async with visit("/") as page:
        await page.locator("#image").wait_for()
        assert (await page.locator("#tabs").is_hidden(), await page.locator("#faq").is_hidden()) == (True, True)


async def test_the_keyboard_is_enough(visit: Visit, tmp_path: Path) -> None:
    """Arrows change tabs, Tab leads to the button, and Enter on it opens the choice of files."""
    write_version(tmp_path)
    write_image_version(tmp_path)
    async with visit("/") as page:
        await page.locator("#tabs").wait_for()
        choosers: asyncio.Queue[FileChooser] = asyncio.Queue()
        page.on("filechooser", choosers.put_nowait)
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowRight")
        assert await page.locator("#image").is_visible()
        assert await page.evaluate("document.activeElement.id") == "image-tab"
        assert page.url.endswith("#image")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        chooser = await asyncio.wait_for(choosers.get(), 20)
        await chooser.set_files(file(5))
        assert await classes(page, 5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(visit: Visit, tmp_path: Path, scheme: str) -> None:
    """Nothing is wider than a small screen, in either colour scheme."""
    write_version(tmp_path)
    write_image_version(tmp_path, weights="untrained")
    async with visit(viewport={"width": 320, "height": 640}, color_scheme=scheme) as page:
        await page.set_input_files("#file", file(999, name="a-very-long-name" * 10 + ".png"))
        await classes(page, 999)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
