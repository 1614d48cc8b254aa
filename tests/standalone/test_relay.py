"""Lines for a listener that may be slow."""

import sys
import threading
import time

from standalone.child import Child
from standalone.relay import Relay


def test_lines_arrive_in_order() -> None:
    """All that a listener can keep up with is handed on, at the latest when the relay is closed."""
    lines: list[str] = []
    relay = Relay(lines.append)
    for number in range(100):
        relay.put(str(number))
    relay.close(timeout=10)
    assert lines == [str(number) for number in range(100)]


def test_a_flood_is_cut_and_counted() -> None:
    """A listener that stands still makes nobody wait; afterwards it is told how much it missed."""
    lines: list[str] = []
    reads = threading.Event()

    def listen(line: str) -> None:
        reads.wait(20)
        lines.append(line)

    relay = Relay(listen)
    for number in range(5000):
        relay.put(str(number))
    reads.set()
    relay.close(timeout=20)
    assert lines[:1000] == [str(number) for number in range(1000)]
    left_out = 5000 - (len(lines) - 1)
    assert lines[-1] == f"... {left_out} lines left out: they came faster than they could be shown"


def test_a_listener_that_stands_still_does_not_hold_up_a_child() -> None:
    """A child that says more than a pipe holds goes on, although nobody takes its lines."""
    reads = threading.Event()

    def listen(line: str) -> None:
        reads.wait(60)

    child = Child([sys.executable, "-c", "for _ in range(100_000): print('a line of the log')"], listen)
    deadline = time.monotonic() + 30
    while child.exit_code() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    reads.set()
    child.stop(grace=0)
    assert child.exit_code() == 0
