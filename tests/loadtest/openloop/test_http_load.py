"""The open-loop HTTP driver, against a real server."""

import numpy as np
import pytest

from loadtest.errors import LoadTestError
from loadtest.http_driver import post
from loadtest.openloop.fleet import drive
from loadtest.openloop.http_load import Load, run
from loadtest.openloop.outcome import CLOSED, LATE, Outcome
from loadtest.openloop.schedule import Phase, constant
from tests.loadtest.http_server import ScriptedServer


def send(
    server: ScriptedServer, *bodies: bytes, per_s: float = 100, connections: int = 8, patience: float = 5
) -> Outcome:
    """Send the bodies in turn for half a second."""
    target = server.target("text/plain")
    requests = [post(target, body) for body in bodies]
    due = constant([Phase(per_s, 0.5)])
    return drive(run, [Load(target.address, requests, due, connections, warm=2, patience=patience)])


def test_every_request_is_sent_when_it_is_due_and_answered(server: ScriptedServer) -> None:
    """As many as were planned, no earlier than planned, each counted once."""
    seen = send(server, b"one", b"two")
    assert seen.status.tolist() == [200] * 50
    assert sum(server.bodies.values()) == 50
    assert server.bodies[b"one"] == server.bodies[b"two"]
    assert np.all(seen.lag >= 0)
    assert np.all(seen.latency > 0)
    assert not np.any(seen.waited)


def test_slow_replies_do_not_hold_up_the_next_requests(server: ScriptedServer) -> None:
    """While replies take half a second, requests go on being sent, over as many connections as that needs."""
    seen = send(server, b"slow", connections=64)
    assert seen.status.tolist() == [200] * 50
    assert np.median(seen.latency) >= 0.5
    assert len(server.clients) > 8
    assert not np.any(seen.waited)


def test_too_few_connections_are_noticed(server: ScriptedServer) -> None:
    """Requests wait then, their latency counts from when they were due, and the figures are called into doubt."""
    seen = send(server, b"slow", per_s=20, connections=2)
    assert seen.status.tolist() == [200] * 10
    assert np.max(seen.latency) > 1
    assert any("free connection" in doubt for doubt in seen.doubts())


def test_failures_have_statuses(server: ScriptedServer) -> None:
    """Errors as the server calls them; a connection that it closes, and a reply without an end, end the request."""
    assert set(send(server, b"fail").status.tolist()) == {500}
    assert set(send(server, b"drop").status.tolist()) == {CLOSED}
    assert set(send(server, b"endless").status.tolist()) == {CLOSED}


def test_silence_ends_with_the_patience(server: ScriptedServer) -> None:
    """A reply that does not come in time counts as none, and its connection is not used again."""
    seen = send(server, b"slow", b"quick", connections=64, patience=0.2)
    assert set(seen.status[::2].tolist()) == {LATE}
    assert set(seen.status[1::2].tolist()) == {200}


def test_stages_are_read_from_the_replies(server: ScriptedServer) -> None:
    """As the service told them; nothing where it told nothing."""
    assert send(server, b"one").stages == {}
    server.timing = "decode;dur=0.250, wait;dur=3"
    seen = send(server, b"one", b"fail").stages
    assert set(seen) == {"decode", "wait"}
    assert seen["decode"].tolist() == [0.25] * 50


def test_no_server_is_an_error() -> None:
    """A port that nobody listens on raises instead of giving empty figures."""
    with pytest.raises(LoadTestError, match="refused"):
        drive(run, [Load(("127.0.0.1", 1), [b""], constant([Phase(10, 1)]))])
