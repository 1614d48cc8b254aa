"""Real load balancers in front of real servers."""

from urllib.request import Request, urlopen

import pytest

from loadtest.faults.balancers import BALANCERS, Balancer, balanced
from tests.loadtest.http_server import REPLY, ScriptedServer

Found = [
    pytest.param(
        each, marks=pytest.mark.skipif(each.found() is None, reason=f"{each.name} is not installed"), id=each.name
    )
    for each in BALANCERS
]


@pytest.mark.parametrize("balancer", Found)
def test_request_reaches_the_server_that_listens(balancer: Balancer, server: ScriptedServer) -> None:
    """The other one refuses connections; the request is passed on all the same, unchanged."""
    with balanced(balancer, [f"127.0.0.1:{server.port}", "127.0.0.1:1"]) as port:
        for number in range(6):
            body = f"question {number}".encode() * 10_000  # more than a balancer holds at once
            request = Request(f"http://127.0.0.1:{port}/v1/faq/match", body, {"content-type": "text/plain"})
            with urlopen(request, timeout=10) as reply:
                assert (reply.status, reply.read()) == (200, REPLY)
    assert sum(server.bodies.values()) == 6
