"""Child processes: their output, their descendants, and their end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from standalone import processes
from standalone.child import Child

# A parent that starts a child with a grandchild, says their ids, and waits.
_PARENT = """
import time
from standalone.child import Child
child = Child(["sh", "-c", "sleep 60 & echo $!; wait"], lambda line: print(child.pid, line, flush=True))
time.sleep(60)
"""


def _wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_output_arrives_line_by_line() -> None:
    """Both streams do, and bytes that are no UTF-8 spoil nothing."""
    lines: list[str] = []
    child = Child(["sh", "-c", r"echo out; echo err >&2; printf '\377\n'"], lines.append)
    _wait_for(lambda: child.exit_code() == 0)
    child.stop(grace=0)
    assert lines == ["out", "err", "\ufffd"]


def test_the_command_runs_where_and_with_what_it_is_given(tmp_path: Path) -> None:
    """Folder and environment are the child's own."""
    lines: list[str] = []
    environ = {"PATH": os.environ["PATH"], "COLOUR": "blue"}
    child = Child(["sh", "-c", "pwd; echo $COLOUR"], lines.append, environ=environ, folder=tmp_path)
    _wait_for(lambda: len(lines) == 2)
    child.stop(grace=0)
    assert lines == [str(tmp_path), "blue"]


def test_stopping_ends_descendants_that_ignore_the_request() -> None:
    """SIGTERM is followed by SIGKILL, for the whole process group."""
    lines: list[str] = []
    child = Child(["sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait"], lines.append)
    _wait_for(lambda: lines)
    child.stop(grace=0.1)
    assert child.exit_code() == -signal.SIGKILL
    _wait_for(lambda: not processes.is_alive(int(lines[0])))


def test_a_child_dies_with_its_parent() -> None:
    """Even a parent that is killed leaves no child running."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert processes.children(parent.pid) == pids[:1]
        parent.kill()
    _wait_for(lambda: not processes.is_alive(pids[0]))
    os.kill(pids[1], signal.SIGKILL)  # a grandchild is its parent's business
