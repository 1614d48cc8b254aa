"""Faults and the processes that they strike."""

import os
import sys
import time
from pathlib import Path

import pytest

from loadtest.faults.faults import standing_still
from loadtest.processes import running

COUNT = "import time\nwhile True: print('tick', flush=True); time.sleep(0.02)"


def test_process_stands_still_and_goes_on() -> None:
    """It does nothing meanwhile, and is not gone; afterwards it works on by itself."""
    with running([sys.executable, "-c", COUNT]) as server:
        server.wait(lambda: "tick" in server.printed(), timeout=10)
        with standing_still([server.pid]):
            _until_stopped(server.pid)
            before = server.printed()
            time.sleep(0.2)
            assert server.printed() == before
        server.wait(lambda: len(server.printed()) > len(before), timeout=10)


def test_process_that_is_gone_meanwhile_is_no_error() -> None:
    """Whoever watches over it may have replaced it."""
    with running(["sleep", "60"]) as server, standing_still([server.pid]):
        server.stop()


def _until_stopped(pid: int) -> None:
    for _ in range(200):
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return
        time.sleep(0.02)
    pytest.fail(f"{pid} of {os.getpid()} goes on")
