"""The servers and tools that the driver is tested with."""

import numpy as np
import pytest

from loadtest.errors import LoadTestError
from loadtest.openloop import http_load
from loadtest.openloop.fleet import drive
from loadtest.openloop.http_load import Load
from loadtest.openloop.schedule import Phase, poisson
from loadtest.openloop.self_check.delayed import LONGEST, SHORTEST
from loadtest.openloop.self_check.servers import slow
from loadtest.openloop.self_check.wrk_latency import check
from loadtest.stack import HOST


def test_slow_server_keeps_requests_as_long_as_it_says() -> None:
    """No reply comes sooner than the shortest time, the median not before the mean one."""
    with slow() as port:
        due = poisson([Phase(400, 0.5)])
        seen = drive(http_load.run, [Load((HOST, port), [b"GET / HTTP/1.1\r\n\r\n"], due)])
    assert seen.status.tolist() == [200] * 200
    assert np.min(seen.latency) >= SHORTEST
    assert np.median(seen.latency) > (SHORTEST + LONGEST) / 2 - 0.001


def test_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is measured, with what to do."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LoadTestError, match="wrk is not installed") as raised:
        check()
    assert "apt-get install" in raised.value.hint
