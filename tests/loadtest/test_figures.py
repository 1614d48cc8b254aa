"""Figures and the drivers that they choose."""

import pytest

from loadtest import wrk
from loadtest.figures import Kind, Load, Subject, http_figure
from loadtest.meter import Span
from tests.loadtest.http_server import ScriptedServer

SUBJECT = Subject(Kind.HTTP, "Gateway, HTTP", "engine")


def test_settings_are_in_a_readers_words(server: ScriptedServer) -> None:
    """Connections, and how many items a request holds."""
    loads = (Load(1), Load(8), Load(2, 16))
    settings = [http_figure(SUBJECT, server.target(), [b"x"], load).setting for load in loads]
    assert settings == ["1 connection", "8 connections", "2 connections, 16 each"]


@pytest.mark.skipif(wrk.version() is None, reason="wrk is not installed")
def test_fast_requests_are_driven_by_wrk(server: ScriptedServer) -> None:
    """Where it is installed."""
    assert http_figure(SUBJECT, server.target(), [b"x"], Load(1)).driver.startswith("wrk ")


def test_slow_requests_are_all_awaited(server: ScriptedServer) -> None:
    """The server saw each connection's requests to their end: none was left for a measurement that follows."""
    figure = http_figure(SUBJECT, server.target("image/jpeg"), [b"\xff\xd8"], Load(2), slow=True)
    seen = figure.drive(Span(0.05, 0.2))
    assert figure.driver == "loadtest.http_driver"
    assert seen.errors == 0
    assert 0 < seen.requests <= server.bodies[b"\xff\xd8"]
    assert len(server.clients) == 2
