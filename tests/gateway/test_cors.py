"""Pages of other sites: let in where an origin is configured, and nowhere else."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.cors import allowed_origins
from gateway.server import serving
from gateway.settings import Settings, SettingsError
from tests.gateway.fake_triton import FakeTriton

ORIGIN = "https://app.example.com"
ASK = {
    "origin": ORIGIN,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,request-timeout,traceparent,x-api-key",
}


@pytest.fixture
async def opened(triton: FakeTriton, repository: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of a gateway that lets two origins in."""
    settings = Settings(
        port=0,
        grpc_port=0,
        triton_url=triton.url,
        model_repository=str(repository),
        cors_origins=f"{ORIGIN}, http://localhost:3000",
    )
    async with (
        serving(settings) as addresses,
        httpx.AsyncClient(base_url=f"http://{addresses.http}", trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example.com/",
        "https://app.example.com/path",
        "HTTPS://app.example.com",
        "https://App.example.com",
        "https://app.example.com:443",
        "http://localhost:80",
        "http://localhost:99999",
        "http://[::1",
        "ftp://example.com",
        "app.example.com",
        "https://user@example.com",
        "https://bücher.example",
        "https://*.example.com",
        "null",
        "https://a.example,",
        "https://a.example https://b.example",
    ],
)
def test_an_origin_that_no_browser_names_is_refused(text: str) -> None:
    """What could never match is refused when the gateway starts, with an example."""
    with pytest.raises(
        SettingsError, match=r"SCORING_CORS_ORIGINS=.* is no origin; expected .*https://app.example.com"
    ):
        allowed_origins(text)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("  ", ()),
        ("*", ("*",)),
        ("http://[::1]:3000", ("http://[::1]:3000",)),
        (" https://a.example , http://b.example:8080", ("https://a.example", "http://b.example:8080")),
        ("https://xn--bcher-kva.example", ("https://xn--bcher-kva.example",)),
    ],
)
def test_origins_are_read(text: str, origins: tuple[str, ...]) -> None:
    """Origins are separated by commas; white space around them does not count."""
    assert allowed_origins(text) == origins


async def test_off_unless_configured(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Without origins, no reply lets another site's page read it."""
    for method in ("OPTIONS", "POST"):
        reply = await http.request(method, "/v1/faq/match", json={"question": "loop"}, headers=ASK)
        assert not [name for name in reply.headers if name.startswith("access-control-")]


async def test_a_preflight(opened: httpx.AsyncClient) -> None:
    """A browser's question beforehand is answered: origin, method, headers, and for how long."""
    reply = await opened.options("/v1/faq/match", headers=ASK)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "Origin" in reply.headers["vary"]
    assert int(reply.headers["access-control-max-age"]) > 0
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"{ORIGIN}.evil.example"},
        {"access-control-request-method": "DELETE"},
        {"access-control-request-headers": "x-forwarded-for"},
    ],
)
async def test_a_preflight_of_something_else(opened: httpx.AsyncClient, change: dict[str, str]) -> None:
    """Another origin, method or header is refused."""
    reply = await opened.options("/v1/faq/match", headers=ASK | change)
    assert reply.status_code == 400
    if "origin" in change:
        assert "access-control-allow-origin" not in reply.headers


async def test_replies_may_be_read(opened: httpx.AsyncClient) -> None:
    """An answer and an error alike may be read by the origin's page, with the headers that matter."""
    for body, status in (({"question": "loop"}, 200), ({"question": ""}, 422)):
        reply = await opened.post("/v1/faq/match", json=body, headers={"origin": ORIGIN})
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (status, ORIGIN)
        told = reply.headers["access-control-expose-headers"].lower()
        assert all(name in told for name in ("retry-after", "ratelimit", "server-timing", "traceresponse"))
        assert "Origin" in reply.headers["vary"]
    reply = await opened.get("/livez", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in reply.headers


async def test_options_without_an_origin(opened: httpx.AsyncClient) -> None:
    """OPTIONS of anyone else still tells what a path takes."""
    reply = await opened.options("/v1/faq/match")
    assert (reply.status_code, reply.headers["allow"]) == (204, "OPTIONS, POST")
