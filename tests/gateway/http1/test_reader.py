"""What of a connection's bytes passes for a request, and what is said of the rest."""

import json
import re

import pytest

from gateway.http1.reader import LONGEST_HEAD, LONGEST_URL, MOST_HEADERS
from tests.gateway.http1.raw import HEAD, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLOSE = b"connection: close\r\n\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n"


def _problem(reply: bytes) -> tuple[int, str]:
    """Return status and kind of a problem document that ends its connection."""
    head, _, body = reply.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head, reply
    assert head.lower().count(b"connection: close") == 1
    document = json.loads(body)
    assert int(head.split()[1]) == document["status"]
    return document["status"], document["type"].removeprefix("/docs#")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\nhost: a\n\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n(x): 1\r\n\r\n",
        b"GET / HTTP/2.0\r\nhost: a\r\n\r\n",
        b"GET / HTTP/0.9\r\nhost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\xc3\xa4 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET ftp://x/ HTTP/1.1\r\nhost: a\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"NONSENSE / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        HEAD + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        HEAD + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 1_0\r\n\r\n",
        HEAD + b"content-length: 99999999999999999999\r\n\r\n",
        CHUNKED + b"content-length: 3\r\n\r\n0\r\n\r\n",
        HEAD + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"transfer-encoding: identity\r\n\r\n",
        CHUNKED + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"\r\nnonsense\r\n",
        CHUNKED + b"\r\n1\r\nab",
        CHUNKED + b"\r\n-1\r\n",
    ],
)
async def test_what_is_no_request(request_: bytes) -> None:
    """Bytes that are no HTTP/1.1 request, or leave open where it ends, get a 400, and the connection ends."""
    async with served() as app:
        assert _problem(await app.ask(request_)) == (400, "malformed-request")


async def test_a_long_url() -> None:
    """A URL has a limit, also while it still arrives."""
    async with served() as app:
        url = b"/" + b"a" * LONGEST_URL
        assert _problem(await app.ask(b"GET " + url)) == (414, "url-too-long")
        reply = await app.ask(b"GET " + url[:-1] + b" HTTP/1.1\r\nhost: x\r\n" + CLOSE)
        assert reply.startswith(b"HTTP/1.1 200 ")


async def test_many_headers() -> None:
    """The number of headers has a limit."""
    async with served() as app:
        reply = await app.ask(HEAD + b"a: b\r\n" * MOST_HEADERS + b"\r\n")
        assert _problem(reply) == (431, "head-too-large")
        reply = await app.ask(HEAD + b"a: b\r\n" * (MOST_HEADERS - 2) + CLOSE)
        assert reply.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "start",
    [HEAD + b"x: ", CHUNKED + b"\r\n1;x=", CHUNKED + b"\r\n0\r\nx: "],
    ids=["header", "chunk extension", "trailer"],
)
async def test_what_has_no_end(start: bytes) -> None:
    """A header, a chunk's extension or a trailer of too many bytes gets a 431."""
    async with served() as app:
        assert _problem(await app.ask(start, b"a" * (2 * LONGEST_HEAD))) == (431, "head-too-large")


async def test_long_extensions_add_up() -> None:
    """Chunks of one byte with long extensions are cut off; chunks of one byte alone are read."""
    async with served() as app:
        reply = await app.ask(CHUNKED + b"\r\n", (b"1;" + b"x" * 2000 + b"\r\na\r\n") * 100)
        assert _problem(reply) == (431, "head-too-large")
        reply = await app.ask(CHUNKED + CLOSE, b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n")
        assert reply.endswith(b"a" * 100_000)


async def test_trailers_are_ignored() -> None:
    """A header that comes after the body is none."""
    async with served() as app:
        reply = await app.ask(CHUNKED + CLOSE + b"1\r\na\r\n0\r\nauthorization: x\r\n\r\n")
        assert reply.endswith(b"/ a")
        assert [name for name, _ in app.scopes[0]["headers"]] == [b"host", b"transfer-encoding", b"connection"]


@pytest.mark.parametrize(
    ("line", "path", "query"),
    [
        (b"GET /a%20b?c=%20 HTTP/1.1", "/a b", b"c=%20"),
        (b"GET http://other:80/a?b HTTP/1.1", "/a", b"b"),
        (b"GET HTTP://other?b HTTP/1.1", "/", b"b"),
        (b"GET http://other HTTP/1.1", "/", b""),
        (b"OPTIONS * HTTP/1.1", "/", b""),
        (b"GET //a//b HTTP/1.1", "//a//b", b""),
    ],
)
async def test_forms_of_a_target(line: bytes, path: str, query: bytes) -> None:
    """A target may be a path, a whole URL or OPTIONS' asterisk."""
    async with served() as app:
        await app.ask(line + b"\r\nhost: x\r\n" + CLOSE)
        assert (app.scopes[0]["path"], app.scopes[0]["query_string"]) == (path, query)


async def test_every_cut_is_the_same() -> None:
    """A request that arrives byte by byte is the request that arrives at once."""
    request = CHUNKED + b"x: y\r\n" + CLOSE + b"3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nt: u\r\n\r\n"
    async with served() as app:
        whole = await app.ask(request)
        pieces = await app.ask(*(request[i : i + 1] for i in range(len(request))), pause=0)
        assert re.sub(rb"date: [^\r]*", b"", whole) == re.sub(rb"date: [^\r]*", b"", pieces)
        assert whole.endswith(b"/ abcd")


async def test_an_upgrade_is_declined() -> None:
    """A client that offers WebSocket or HTTP/2 is answered in HTTP/1.1, and its connection stays usable."""
    for protocol in (b"websocket", b"h2c"):
        async with served() as app:
            request = b"GET /%d HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: " + protocol + b"\r\n\r\n"
            reply = await app.ask(request % 1 + request % 2, b"GET /3 HTTP/1.1\r\nhost: x\r\n" + CLOSE)
            assert re.findall(rb"\r\n\r\n(/\d) ", reply) == [b"/1", b"/2", b"/3"]


async def test_an_old_client() -> None:
    """HTTP/1.0 is answered, Host or not, and its connection closed."""
    async with served() as app:
        reply = await app.ask(b"GET /old HTTP/1.0\r\n\r\n")
        assert reply.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in reply


async def test_what_follows_the_last_request() -> None:
    """Bytes after a request with Connection: close are ignored."""
    async with served() as app:
        reply = await app.ask(b"GET /a HTTP/1.1\r\nhost: x\r\n" + CLOSE + b"GET /b HTTP/1.1\r\nhost: x\r\n\r\n\x00")
        assert reply.count(b"HTTP/1.1 ") == 1
        assert len(app.scopes) == 1
