"""The course of a connection: order, patience, and ends that the client understands."""

import asyncio
import re
import socket
from contextlib import suppress

import pytest

from gateway.http1 import protocol, slow_reader
from gateway.http1.reader import LONGEST_HEAD
from tests.gateway.http1.raw import HEAD, Served, eventually, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

GET = b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


def _statuses(replies: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", replies)]


async def test_pipelining_is_in_order_and_bounded() -> None:
    """Thousands of requests sent at once are answered in order, and few of them are taken apart ahead of their turn."""
    async with served() as app, app.connection() as (reader, writer):
        app.release.clear()
        writer.write(b"".join(GET % number for number in range(5000)) + LAST)
        await app.started.wait()
        await asyncio.sleep(0.05)
        (connection,) = app.server._shared.connections
        assert len(connection._pipeline.waiting) < 500  # type: ignore[attr-defined]
        app.release.set()
        replies = await asyncio.wait_for(reader.read(), 20)
        assert [int(each) for each in re.findall(rb"\r\n\r\n/(\d+) ", replies)] == list(range(5000))
        assert replies.endswith(b"/last ")


async def test_a_fault_waits_its_turn() -> None:
    """A request that cannot be read is refused after those before it were answered."""
    async with served() as app:
        replies = await app.ask(GET % 1 + GET % 2 + b"nonsense\r\n\r\n")
        assert _statuses(replies) == [200, 200, 400]


async def test_a_faulty_body_ends_its_own_request() -> None:
    """A chunk that cannot be read makes a 400 of the request that it belongs to, whether that runs or waits."""
    chunked = HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"
    async with served() as app:
        assert _statuses(await app.ask(chunked)) == [400]
        assert _statuses(await app.ask(GET % 1 + chunked)) == [200, 400]


async def test_a_fault_after_the_reply_just_ends() -> None:
    """A body that breaks after its reply was sent gets no second reply."""
    async with served() as app:
        app.early = True
        assert _statuses(await app.ask(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"zz\r\n", pause=0.1)) == [200]


async def test_a_slow_head() -> None:
    """A head that trickles in gets a 408, on a new connection and on a kept one."""
    async with served(header_timeout=0.3) as app:
        assert _statuses(await app.ask(b"GET / HTTP/1.1\r\n", *[b"x"] * 5)) == [408]
        assert _statuses(await app.ask(GET % 1, b"GET /", *[b"x"] * 5)) == [200, 408]


async def test_a_connection_without_a_byte() -> None:
    """Who connects and says nothing is hung up on without a word."""
    async with served(header_timeout=0.2) as app:
        assert await app.ask() == b""


async def test_a_kept_connection_may_rest() -> None:
    """Between requests a connection may be silent for longer than a head may take; blank lines keep it no longer."""
    async with served(header_timeout=0.1) as app:
        assert _statuses(await app.ask(GET % 1, GET % 2, LAST, pause=0.3)) == [200, 200, 200]
    async with served(keep_alive=0.3) as app:
        assert _statuses(await app.ask(GET % 1, b"\r\n", b"\r\n")) == [200]


async def test_expectations() -> None:
    """The 100 goes out when the body is wanted; a request answered without one ends its connection."""
    expecting = HEAD + b"content-length: 2\r\nexpect: 100-continue\r\n\r\n"
    async with served() as app:
        async with app.connection() as (reader, writer):
            writer.write(expecting)
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"ab" + LAST)
            assert _statuses(await reader.read()) == [200, 200]
        assert _statuses(await app.ask(expecting + b"ab" + LAST))[-2:] == [200, 200]
        app.early = True
        reply = await app.ask(expecting)
        assert _statuses(reply) == [200]
        assert b"connection: close" in reply


async def test_a_body_after_its_reply_is_dropped() -> None:
    """What is left of a body once its reply is sent is read and dropped; the next request follows it."""
    async with served() as app:
        app.early = True
        body = b"a" * 1_000_000
        replies = await app.ask(HEAD + b"content-length: %d\r\n\r\n" % len(body), body, LAST, pause=0.05)
        assert _statuses(replies) == [200, 200]


async def test_a_body_after_its_reply_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that is not wanted any more may neither go on for ever nor stand still."""
    async with served() as app:
        app.early = True
        announced = HEAD + b"content-length: 100000000\r\n\r\n"
        monkeypatch.setattr(protocol, "_DROPPED_AT_MOST", 1_000_000)
        with suppress(ConnectionError):
            assert _statuses(await app.ask(announced, *[b"a" * 300_000] * 10)) == [200]
        monkeypatch.setattr(protocol, "_DROPPED_WITHIN", 0.2)
        assert _statuses(await app.ask(announced, b"a")) == [200]


async def test_a_refusal_reaches_who_still_sends() -> None:
    """A client that reads only after it has sent everything gets its refusal, and no reset connection."""
    async with served() as app, app.connection() as (reader, writer):
        for _ in range(100):
            writer.write(b"x" * LONGEST_HEAD)
            await writer.drain()
        assert _statuses(await asyncio.wait_for(reader.read(), 20)) == [400]


async def test_too_many_connections() -> None:
    """A connection beyond the limit gets a 503 at once; one that ends makes room."""
    async with served(max_connections=2) as app:
        async with app.connection() as (reader, writer), app.connection():
            writer.write(GET % 1)
            await reader.readuntil(b"/1 ")
            await eventually(lambda: app.server.connections == 2)
            reply = await app.ask()
            assert _statuses(reply) == [503]
            assert b"too-many-connections" in reply
            assert b"retry-after: 1" in reply
            writer.write(GET % 2)
            await reader.readuntil(b"/2 ")
        await eventually(lambda: app.server.connections == 0)
        assert _statuses(await app.ask(LAST)) == [200]


async def test_who_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does not read its replies makes the gateway stop answering it, and loses its connection."""
    monkeypatch.setattr(slow_reader, "_PERIOD", 0.2)
    async with served() as app:
        app.size = 5_000_000
        with socket.create_connection(("127.0.0.1", app.server.port)) as deaf:
            deaf.setblocking(False)
            await asyncio.get_running_loop().sock_sendall(deaf, (GET % 1) * 20)
            await app.started.wait()
            await eventually(lambda: app.server.connections == 0)
            assert len(app.scopes) < 20


async def test_the_application_learns_that_the_client_has_gone() -> None:
    """Whoever answers is cancelled when nobody waits any more."""
    async with served() as app:
        app.release.clear()
        async with app.connection() as (_, writer):
            writer.write(GET % 1)
            await app.started.wait()
            answering = app.scopes[0]["scoring.exchange"].task
            assert not answering.done()
        await eventually(answering.done)


async def test_retiring() -> None:
    """Once the server retires, replies say that they are the last on their connection."""
    async with served() as app, app.connection() as (reader, writer):
        writer.write(GET % 1)
        assert b"connection" not in await reader.readuntil(b"/1 ")
        app.server.retire()
        writer.write(GET % 2)
        assert b"connection: close" in await reader.read()


async def test_stopping() -> None:
    """Stopping closes idle connections, waits for replies under way, and accepts nothing new."""
    async with served() as app, app.connection() as idle, app.connection() as busy:
        idle[1].write(GET % 1)
        await idle[0].readuntil(b"/1 ")
        app.started.clear()
        app.release.clear()
        busy[1].write(GET % 2)
        await app.started.wait()
        stopping = asyncio.create_task(app.server.stop(10))
        assert await idle[0].read() == b""
        assert not stopping.done()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", app.server.port)
        app.release.set()
        assert b"connection: close" in await busy[0].read()
        await asyncio.wait_for(stopping, 20)


async def test_a_grace_that_is_used_up() -> None:
    """What is not finished when the grace ends is cut off."""
    async with served() as app, app.connection() as (reader, writer):
        app.release.clear()
        writer.write(GET % 1)
        await app.started.wait()
        await asyncio.wait_for(app.server.stop(0.1), 20)
        with suppress(ConnectionError):
            assert await reader.read() == b""


async def test_a_fault_of_the_application(caplog: pytest.LogCaptureFixture) -> None:
    """An application that fails makes a problem document, and a log line without the text of its fault."""

    class Broken(Served):
        async def __call__(self, *args: object) -> None:
            raise ValueError("secret")

    async with served(app=Broken()) as app:
        reply = await app.ask(LAST)
    assert _statuses(reply) == [500]
    assert b"internal-fault" in reply
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text + reply.decode()
