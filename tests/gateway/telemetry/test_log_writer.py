"""Lines are written whole and in order, or dropped and counted; nobody waits for it. The pipes are real."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from gateway.telemetry.log_writer import LogWriter


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe that holds 64 kB."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def _read_all(end: int, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += os.read(end, 65_536)
    return found


def test_lines_arrive_in_order(pipe: tuple[int, int]) -> None:
    """All of them, from the first to the last."""
    writer = LogWriter(pipe[1])
    lines = [b"line %d\n" % number for number in range(2_000)]
    for line in lines:
        writer.put(line)
    assert _read_all(pipe[0], sum(map(len, lines))) == b"".join(lines)
    assert writer.flush()
    assert writer.dropped == 0


def test_a_full_pipe_holds_up_nobody(pipe: tuple[int, int]) -> None:
    """Lines beyond the backlog are dropped and counted; those within it arrive when somebody reads again."""
    _fill(pipe[1])
    writer = LogWriter(pipe[1], most_lines=100, most_bytes=10_000)
    line = b"x" * 999 + b"\n"
    started = time.monotonic()
    for _ in range(100):
        writer.put(line)
        time.sleep(0.001)
    while not writer.dropped:
        writer.put(line)
        time.sleep(0.001)
    assert not writer.flush(0.1)
    assert time.monotonic() - started < 20
    put = 100 + writer.dropped
    for _ in range(50):
        writer.put(line)
    assert writer.dropped >= put - 100 + 40
    reader = threading.Thread(target=_drain, args=(pipe[0],), daemon=True)
    reader.start()
    assert writer.flush(20)


def _fill(end: int) -> None:
    os.set_blocking(end, False)
    with suppress(BlockingIOError):
        while True:
            os.write(end, b"x" * 4_096)
    os.set_blocking(end, True)


def _drain(end: int) -> None:
    while os.read(end, 65_536):
        pass


def test_the_backlog_is_bounded_in_lines_and_in_bytes(pipe: tuple[int, int]) -> None:
    """Whatever comes first."""
    small = LogWriter(pipe[1], most_lines=5)
    large = LogWriter(pipe[1], most_bytes=5)
    small._rouse = large._rouse = lambda: None  # type: ignore[method-assign]  # nothing is taken out
    for _ in range(8):
        small.put(b"\n")
        large.put(b"\n")
    assert (small.dropped, large.dropped) == (3, 3)


def test_a_reader_that_has_gone_costs_only_lines(pipe: tuple[int, int]) -> None:
    """They are counted as dropped."""
    read, write = os.pipe()
    os.close(read)
    writer = LogWriter(write)
    writer.put(b"one\n")
    writer.put(b"two\n")
    assert writer.flush(20)
    assert writer.dropped == 2
    os.close(write)


def test_a_descriptor_that_does_not_block_is_waited_for(pipe: tuple[int, int]) -> None:
    """Another process may have made standard error so."""
    fcntl.fcntl(pipe[1], fcntl.F_SETFL, os.O_NONBLOCK)
    writer = LogWriter(pipe[1])
    lines = b"".join(b"%0999d\n" % number for number in range(300))
    for line in lines.splitlines(keepends=True):
        writer.put(line)
    assert _read_all(pipe[0], len(lines)) == lines


def test_lines_of_two_processes_do_not_mix(pipe: tuple[int, int]) -> None:
    """A pipe takes a piece of 4 kB whole, and lines are not cut between pieces."""
    script = (
        "import sys; from gateway.telemetry.log_writer import LogWriter; writer = LogWriter(2)\n"
        "for number in range(3000): writer.put(sys.argv[1].encode() * 70 + b'\\n')\n"
        "writer.flush(30)"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, mark], stderr=pipe[1]) for mark in "ab"]
    found = _read_all(pipe[0], 2 * 3000 * 71)
    assert [each.wait() for each in processes] == [0, 0]
    assert sorted(found.splitlines()) == [b"a" * 70] * 3000 + [b"b" * 70] * 3000


def test_a_process_that_ends_has_written_its_last_line(pipe: tuple[int, int]) -> None:
    """Nobody needs to call flush."""
    script = "from gateway.telemetry.log_writer import LogWriter; LogWriter(2).put(b'last words\\n')"
    done = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, check=True)
    assert done.stderr == b"last words\n"


def test_a_forked_process_writes_too(pipe: tuple[int, int]) -> None:
    """It has a thread of its own."""
    script = (
        "import os; from gateway.telemetry.log_writer import LogWriter\n"
        "writer = LogWriter(2); writer.put(b'parent\\n'); writer.flush()\n"
        "child = os.fork()\n"
        "writer.put(b'child\\n' if not child else b'parent again\\n'); writer.flush()\n"
        "child and os.waitpid(child, 0); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], stderr=subprocess.PIPE, check=True)
    assert sorted(done.stderr.split()) == [b"again", b"child", b"parent", b"parent"]
