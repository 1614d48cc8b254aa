"""Which methods a path takes, and what is said to the others: the same on every path."""

import asyncio
import json

import httpx
import pytest

from gateway import openapi
from gateway.server import Addresses
from gateway.settings import Settings
from tests.gateway.fake_triton import FakeTriton

OPERATIONS = json.loads(openapi.document(Settings()))["paths"]
DOCUMENTED = {path: next(iter(methods)).upper() for path, methods in OPERATIONS.items()}
PATHS = DOCUMENTED | dict.fromkeys(("/", "/docs", "/openapi.json"), "GET")
ALLOW = {"GET": "GET, HEAD, OPTIONS", "POST": "OPTIONS, POST"}
OTHERS = {
    "GET": ("POST", "PUT", "DELETE", "PATCH", "TRACE"),
    "POST": ("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"),
}


@pytest.mark.parametrize(("path", "method"), PATHS.items())
async def test_options(http: httpx.AsyncClient, path: str, method: str) -> None:
    """OPTIONS lists what the path takes, without a body."""
    reply = await http.options(path)
    assert (reply.status_code, reply.headers["allow"], reply.content) == (204, ALLOW[method], b"")
    assert "content-length" not in reply.headers


@pytest.mark.parametrize(("path", "method"), PATHS.items())
async def test_another_method(http: httpx.AsyncClient, triton: FakeTriton, path: str, method: str) -> None:
    """Any other method gets a 405 that says the same."""
    for other in OTHERS[method]:
        reply = await http.request(other, path)
        assert (reply.status_code, reply.headers["allow"]) == (405, ALLOW[method])
        assert reply.headers["content-type"] == "application/problem+json"
        if other != "HEAD":
            assert reply.json()["type"] == "/docs#method-not-allowed"


@pytest.mark.parametrize("path", [path for path, method in PATHS.items() if method == "GET"])
async def test_head(http: httpx.AsyncClient, triton: FakeTriton, path: str) -> None:
    """HEAD is GET without its body."""
    head, got = await http.head(path), await http.get(path)
    assert (head.status_code, head.content) == (200, b"")
    same = {"content-type", "x-content-type-options", "content-security-policy", "cache-control"}
    assert {name: head.headers.get(name) for name in same} == {name: got.headers.get(name) for name in same}


@pytest.mark.parametrize("path", ["/livez", "/v1/faq/match", "/nowhere"])
async def test_no_body_follows_a_head(running: tuple[FakeTriton, Addresses], path: str) -> None:
    """No byte of a body follows, whatever the status: the next reply on the connection is read aright."""
    host, port = running[1].http.split(":")
    requests = (
        f"HEAD {path} HTTP/1.1\r\nhost: x\r\n\r\nGET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
    )
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(requests)
    replies = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    heads = replies.split(b"\r\n\r\n")
    assert len(heads) == 3
    assert heads[1].startswith(b"HTTP/1.1 200 ")
    assert heads[2] == b'{"status":"alive"}'


@pytest.mark.parametrize("path", ["/nowhere", "/v1/faq/match/", "/V1/faq/match", "/livez//", "/livez/", "/docs/x"])
async def test_an_unknown_path(http: httpx.AsyncClient, path: str) -> None:
    """A path that is none gets a 404, whatever the method; nobody is sent elsewhere."""
    for method in ("GET", "POST", "OPTIONS", "DELETE"):
        reply = await http.request(method, path)
        assert (reply.status_code, reply.json()["type"]) == (404, "/docs#unknown-path")
