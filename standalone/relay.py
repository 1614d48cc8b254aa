"""Lines on their way from a child's pipe to a listener that may be slow: a terminal, a pipe that nobody reads.

A child whose pipe is full stands still with its next line. So the pipe is always read, and what the listener cannot
keep up with is left out, and counted.
"""

import queue
import threading
from collections.abc import Callable

_WAITING = 1000  # lines


class Relay:
    """Hands lines on from a thread of its own. `put` never waits."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING)
        self._left_out = 0
        self._thread = threading.Thread(target=self._hand_on, daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        """Take a line; it is left out when too many wait."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._left_out += 1

    def close(self, timeout: float) -> None:
        """Hand on what waits, for so many seconds at most."""
        try:
            self._lines.put(None, timeout=timeout)
        except queue.Full:
            return  # the listener stands still, and the thread ends with the process
        self._thread.join(timeout)

    def _hand_on(self) -> None:
        while (line := self._lines.get()) is not None:
            self._on_line(line)
            if self._left_out and self._lines.empty():
                count, self._left_out = self._left_out, 0
                self._on_line(f"... {count} lines left out: they came faster than they could be shown")
