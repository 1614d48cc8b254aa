"""Several drivers that send one load together."""

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import active_children

import numpy as np
import pytest

from loadtest.errors import LoadTestError
from loadtest.http_driver import post
from loadtest.openloop import http_load
from loadtest.openloop.fleet import Fleet, drive, split
from loadtest.openloop.http_load import Load
from loadtest.openloop.schedule import Phase, constant
from tests.loadtest.http_server import ScriptedServer

LONG = constant([Phase(100, 600)])


def load(server: ScriptedServer, *bodies: bytes) -> Load:
    """Requests for ten minutes."""
    target = server.target("text/plain")
    return Load(target.address, [post(target, body) for body in bodies], LONG, warm=2)


def test_loads_are_shared_out(server: ScriptedServer) -> None:
    """Request i goes to process i % n, whichever of the requests that is; connections are divided."""
    whole = load(server, b"a", b"b", b"c", b"d", b"e", b"f")
    parts = split(whole, 4)
    sent = {due: part.requests[turn % len(part.requests)] for part in parts for turn, due in enumerate(part.due)}
    assert sent == {due: whole.requests[turn % 6] for turn, due in enumerate(LONG)}
    assert [(part.connections, part.warm) for part in parts] == [(256, 1)] * 4


def test_outcome_is_that_of_all_processes(server: ScriptedServer) -> None:
    """One row for each request, in the order in which they were due, from one common start."""
    whole = load(server, b"one", b"two")._replace(due=constant([Phase(200, 0.5)]))
    fleet = Fleet(http_load.run, split(whole, 2))
    assert not fleet.wait(0)
    while not fleet.wait(0.1):
        pass
    seen = fleet.outcome()
    assert np.array_equal(seen.due, whole.due)
    assert seen.status.tolist() == [200] * 100
    assert server.bodies == {b"one": 50, b"two": 50}
    assert fleet.clock > 0.4
    assert fleet.connections == 1024


@pytest.mark.parametrize("interrupted", [False, True])
def test_load_can_be_stopped(server: ScriptedServer, interrupted: bool) -> None:
    """What was sent until then is complete, and nothing else is counted; Ctrl-C does not reach the processes."""
    fleet = Fleet(http_load.run, split(load(server, b"one"), 2))
    if interrupted:
        for child in active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)
    while server.bodies.total() < 10:
        time.sleep(0.01)
    seen = fleet.stop()
    assert set(seen.status.tolist()) == {200}
    assert 10 <= len(seen.status) == server.bodies.total() < 5000
    assert np.array_equal(seen.due[:5], LONG[:5])


def test_load_can_be_stopped_before_it_begins(server: ScriptedServer) -> None:
    """Nothing was sent then, and that is no error."""
    later = load(server, b"one")._replace(due=LONG + 60)
    assert len(Fleet(http_load.run, [later]).stop().due) == 0


@pytest.mark.parametrize("ask", [Fleet.wait, Fleet.outcome, Fleet.stop])
def test_process_that_dies_is_an_error(server: ScriptedServer, ask: Callable[[Fleet], object]) -> None:
    """Part of a load is no load: the other processes are ended, too."""
    fleet = Fleet(http_load.run, split(load(server, b"one"), 2))
    active_children()[0].kill()
    with pytest.raises(LoadTestError, match="died"):
        ask(fleet)
    assert not active_children()


def test_process_may_have_nothing_to_send(server: ScriptedServer) -> None:
    """A single request among two processes is sent once; no request at all is an outcome without rows."""
    whole = load(server, b"one")
    assert drive(http_load.run, split(whole._replace(due=LONG[:1]), 2)).status.tolist() == [200]
    assert drive(http_load.run, split(whole._replace(due=LONG[:0]), 2)).doubts() == []
