"""The project's own HTTP driver, against a real server."""

import pytest

from loadtest.http_driver import closed_loop, post
from loadtest.meter import Round, Span
from tests.loadtest.http_server import ScriptedServer

SPAN = Span(warm_up=0.1, seconds=0.4)


def drive(server: ScriptedServer, *bodies: bytes, connections: int = 2, media_type: str = "text/plain") -> Round:
    """Ask the bodies in turn."""
    target = server.target(media_type)
    requests = [post(target, body) for body in bodies]
    return closed_loop(target.address, requests, connections=connections, span=SPAN)


def test_every_request_is_counted_once(server: ScriptedServer) -> None:
    """The server saw what the driver counted, and besides only the warm-up and the last request of each connection."""
    seen = drive(server, b"a question", connections=3)
    assert seen.errors == 0
    assert 0 < seen.requests < sum(server.bodies.values())
    assert len(server.clients) == 3
    assert 0 < seen.p50_ms <= seen.p99_ms < 500


def test_bodies_take_turns(server: ScriptedServer) -> None:
    """Each body is sent as often as any other, and bytes arrive as they were, with their media type."""
    drive(server, b"one", bytes(range(256)), b"three", media_type="image/jpeg")
    assert set(server.bodies) == {b"one", bytes(range(256)), b"three"}
    assert server.media_types == {"image/jpeg"}
    assert max(server.bodies.values()) - min(server.bodies.values()) <= 1


def test_every_status_but_200_is_an_error(server: ScriptedServer) -> None:
    """As many errors as the server sent; the good replies in between still count."""
    seen = drive(server, b"good", b"fail")
    assert seen.errors == server.bodies[b"fail"] > 0
    assert seen.requests > 0


def test_reply_in_pieces_is_one_reply(server: ScriptedServer) -> None:
    """A reply that comes in several packets is awaited to its end."""
    seen = drive(server, b"pieces")
    assert seen.errors == 0
    assert 0 < seen.requests <= server.bodies[b"pieces"]
    assert seen.p50_ms >= 2


@pytest.mark.parametrize("body", [b"drop", b"endless"])
def test_broken_connection_is_an_error(server: ScriptedServer, body: bytes) -> None:
    """A server that hangs up, or whose reply has no announced end, fails each connection once."""
    seen = drive(server, body, connections=3)
    assert (seen.errors, seen.requests) == (3, 0)


def test_no_server_is_an_error() -> None:
    """A port that nobody listens on raises instead of giving empty figures."""
    with pytest.raises(OSError, match="refused"):
        closed_loop(("127.0.0.1", 1), [b""], connections=1, span=SPAN)
