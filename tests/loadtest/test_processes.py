"""Servers as processes."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from loadtest import procfs
from loadtest.errors import LoadTestError
from loadtest.processes import free_ports, running

PARENT = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); print('up', flush=True); time.sleep(60)"


def test_stop_takes_the_children_along() -> None:
    """A server that leaves a process behind when it ends does not leave it on the machine."""
    with running([sys.executable, "-c", PARENT]) as server:
        server.wait(lambda: "up" in server.printed(), timeout=10)
        family = [server.pid, *procfs.descendants(server.pid)]
        assert any("sleep 60" in procfs.command_line(pid) for pid in family)
    for _ in range(100):
        if not any(_alive(pid) for pid in family):
            break
        time.sleep(0.02)
    assert not any(_alive(pid) for pid in family)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_server_that_ends_is_an_error_with_its_last_words() -> None:
    """The reason why a service did not start is shown."""
    command = [sys.executable, "-c", "import sys; print('no such model'); sys.exit(3)"]
    with running(command) as server, pytest.raises(LoadTestError, match="exit code 3") as caught:
        server.wait(lambda: False, timeout=10)
    assert "no such model" in caught.value.hint


def test_server_that_is_never_ready_is_an_error() -> None:
    """Waiting has an end."""
    with running(["sleep", "60"]) as server, pytest.raises(LoadTestError, match=r"not ready after 0\.2 s"):
        server.wait(lambda: False, timeout=0.2)


def test_environment_is_handed_on() -> None:
    """A variable for the server is added to those of this process."""
    code = "import os; print(os.environ['MODEL_FOLDER'], os.environ['PATH'], flush=True); import time; time.sleep(60)"
    with running([sys.executable, "-c", code], {"MODEL_FOLDER": "here"}) as server:
        server.wait(lambda: "\n" in server.printed(), timeout=10)
        assert server.printed().strip() == f"here {os.environ['PATH']}"


def test_free_ports_can_be_taken() -> None:
    """They differ from each other, and nobody listens on them."""
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_cpu_time_grows_with_work() -> None:
    """The CPU time of this process is that of the operating system's own account."""
    times = os.times()
    assert procfs.cpu_seconds(os.getpid()) == pytest.approx(times.user + times.system, abs=0.5)
