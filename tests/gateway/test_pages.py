"""The demo and documentation pages, in a real browser where there is one."""

import asyncio
import json
import re
from importlib import resources
from pathlib import Path

import httpx
import pytest

from gateway.errors import STATUS
from gateway.pages import content_security_policy
from gateway.server import serving
from gateway.settings import Settings
from tests.browser import CHROMIUM, needs_chromium
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import ENTRIES, write_version

EVIL = """<p>kept <code>a &lt; b</code></p><script>document.title = "pwned"</script>
<img src="x" alt="a picture" onerror="document.title = 'pwned'"><svg onload="document.title = 'pwned'"></svg>
<a href="javascript:document.title='pwned'">bad link</a> <a href="https://example.org/x" onclick="pwned()">good link</a>
<iframe src="https://example.org"></iframe><style>body { display: none }</style>
<form action="/x"><b id="form">bold</b></form>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;"></table></math>"""


@pytest.mark.parametrize("page", ["demo.html", "docs.html"])
def test_pages_are_self_contained(page: str) -> None:
    """A page loads nothing from anywhere else and has no inline handlers."""
    html = (resources.files("gateway") / "pages" / page).read_text()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)
    assert not re.findall(r"<[^>]* on\w+=", html)
    assert "innerHTML" not in html


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_security_headers(http: httpx.AsyncClient, path: str) -> None:
    """A page may run its own script and style, by hash, and nothing else."""
    reply = await http.get(path)
    policy = reply.headers["content-security-policy"]
    assert policy == content_security_policy(reply.text)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    expected = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }
    assert expected.items() <= dict(reply.headers).items()
    assert "camera=()" in reply.headers["permissions-policy"]
    assert reply.headers.get_list("x-content-type-options") == ["nosniff"]


@pytest.mark.parametrize("path", ["/livez", "/v1/models", "/v1/faq/match", "/nowhere", "/openapi.json"])
async def test_no_reply_is_taken_for_a_page(http: httpx.AsyncClient, path: str) -> None:
    """Replies of programs, refusals among them, forbid browsers to guess."""
    assert (await http.get(path)).headers["x-content-type-options"] == "nosniff"


async def dom(url: str, profile: Path) -> str:
    """Open an address in a browser and return the document after its scripts have run."""
    command = [CHROMIUM or "", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
    browser = await asyncio.create_subprocess_exec(
        *command, "--virtual-time-budget=4000", "--dump-dom", url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(browser.communicate(), 60)
    return output.decode()


@needs_chromium
async def test_the_demo_disarms_what_a_catalog_holds(tmp_path: Path) -> None:
    """The demo answers a question given by link; answers keep their harmless markup and lose the rest."""
    folder = write_version(tmp_path / "repository")
    lines = [
        json.dumps({**entry._asdict(), "answer": EVIL, "question": f"<b>{entry.question}</b>"}) for entry in ENTRIES
    ]
    (folder / "catalog.jsonl").write_text("\n".join(lines))
    async with running_triton(FakeTriton()) as triton:
        settings = Settings(port=0, grpc_port=0, triton_url=triton.url, model_repository=str(folder.parents[1]))
        async with serving(settings) as addresses:
            html = await dom(f"http://{addresses.http}/?q=compare%20strings%20in%20javascript", tmp_path / "profile")
    assert "<title>Real-time scoring</title>" in html
    result = html[html.index('<section id="result"') : html.index("</section>")]
    assert "How to compare strings in JavaScript?" in result
    assert "<p>kept <code>a &lt; b</code></p>" in result
    assert "[image: a picture]" in result
    assert 'href="https://example.org/x"' in result
    assert "<a>bad link</a>" in result
    for forbidden in (
        "<script",
        "<img",
        "<svg",
        "<iframe",
        "<style",
        "<form",
        "<math",
        "javascript:",
        "onerror=",
        "onclick=",
    ):
        assert forbidden not in result


@needs_chromium
async def test_the_documentation_renders(
    tmp_path: Path, running: tuple[FakeTriton, object], http: httpx.AsyncClient
) -> None:
    """The documentation shows every operation, every type and every error under its anchor."""
    html = await dom(str(http.base_url.join("/docs")), tmp_path)
    document = (await http.get("/openapi.json")).json()
    for name in document["components"]["schemas"]:
        assert f'<article id="{name}">' in html
    for path in document["paths"]:
        assert f"</span>{path}</h3>" in html
    for status in STATUS.values():
        assert f'<tr id="{status.slug}">' in html
