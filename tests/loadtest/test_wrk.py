"""wrk as the load generator, against a real server."""

import pytest

from loadtest import wrk
from loadtest.errors import LoadTestError
from loadtest.http_driver import Target
from loadtest.meter import Span
from tests.loadtest.http_server import ScriptedServer

pytestmark = pytest.mark.skipif(wrk.version() is None, reason="wrk is not installed")
SPAN = Span(warm_up=1, seconds=1)


def test_bodies_take_turns_and_arrive_unchanged(server: ScriptedServer) -> None:
    """Bytes of any value reach the server as they are, with their media type, and wrk's own figures are read."""
    bodies = [b'say "hi" \\ [[x]] %d\n', bytes(range(256)) * 300, b"\r\n\0"]
    seen = wrk.closed_loop(server.target("image/jpeg"), bodies, connections=2, span=SPAN)
    assert set(server.bodies) == set(bodies)
    assert server.media_types == {"image/jpeg"}
    assert seen.errors == 0
    assert 0 < seen.requests <= sum(server.bodies.values())
    assert seen.seconds == pytest.approx(1, abs=0.3)
    assert 0 < seen.p50_ms <= seen.p99_ms


def test_refusals_are_errors(server: ScriptedServer) -> None:
    """Replies with an error status are counted in the warm-up too."""
    seen = wrk.closed_loop(server.target(), [b"good", b"fail"], connections=1, span=SPAN)
    assert server.bodies[b"fail"] - 2 <= seen.errors <= server.bodies[b"fail"]


def test_failure_of_wrk_is_reported() -> None:
    """When nobody listens, wrk's own words are passed on."""
    with pytest.raises(LoadTestError, match="unable to connect"):
        wrk.closed_loop(Target("127.0.0.1", 1, "/"), [b"x"], connections=1, span=SPAN)
