"""Writes lines to a file descriptor without ever making their author wait."""

import atexit
import os
import select
import stat
import threading
import time
from collections.abc import Iterator

_MOST_LINES = 10_000
_MOST_BYTES = 1_000_000
_PAUSE = 0.02  # seconds in which lines gather, to be written together
_POLL = 0.005
_LAST_WORDS = 1.0  # seconds that a process which ends waits for the reader of its log
_ATOMIC = select.PIPE_BUF  # bytes that a pipe takes in one piece: lines of several processes do not mix
_PIECE = 65_536


class LogWriter:
    """A backlog of lines and the thread that writes it.

    Where nobody reads the log, or not fast enough, the backlog fills up, and further lines are dropped and counted.
    """

    def __init__(self, descriptor: int, most_lines: int = _MOST_LINES, most_bytes: int = _MOST_BYTES) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        # A forked process has neither the thread nor, for sure, a free lock; the backlog is its parent's.
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._lines: list[bytes] = []
        self._bytes = 0
        self._writing = False
        self._hurry = False
        self._thread: threading.Thread | None = None

    def put(self, line: bytes) -> None:
        """Have a line written, its newline included; returns at once."""
        with self._lock:
            self._bytes += len(line)
            if len(self._lines) >= self._most_lines or self._bytes > self._most_bytes:
                self._bytes -= len(line)
                self.dropped += 1
                return
            self._lines.append(line)
            first = len(self._lines) == 1
        if first:
            self._rouse()

    def flush(self, timeout: float = _LAST_WORDS) -> bool:
        """Wait until all is written, at most so many seconds; tell whether it is."""
        end = time.monotonic() + timeout
        self._hurry = True
        while self._lines or self._writing:
            if time.monotonic() > end:
                return False
            time.sleep(_POLL)
        self._hurry = False
        return True

    def _rouse(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
            self._thread.start()
            atexit.register(self.flush)
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            if not self._hurry:
                time.sleep(_PAUSE)
            with self._lock:
                self._wake.clear()
                self._writing = True  # before the backlog looks empty to `flush`
                lines, self._lines, self._bytes = self._lines, [], 0
            self._write(lines)
            self._writing = False

    def _write(self, lines: list[bytes]) -> None:
        for piece, number in _pieces(lines, self._largest()):
            try:
                _write_all(self._descriptor, piece)
            except OSError:  # the reader has gone, the disk is full: there is no better place to say so
                with self._lock:
                    self.dropped += number

    def _largest(self) -> int:
        try:
            return _ATOMIC if stat.S_ISFIFO(os.fstat(self._descriptor).st_mode) else _PIECE
        except OSError:
            return _PIECE


def _pieces(lines: list[bytes], largest: int) -> Iterator[tuple[bytes, int]]:
    """Join lines to pieces of at most so many bytes, longer lines alone; with how many lines are in each."""
    piece, number = bytearray(), 0
    for line in lines:
        if piece and len(piece) + len(line) > largest:
            yield bytes(piece), number
            piece, number = bytearray(), 0
        piece += line
        number += 1
    if piece:
        yield bytes(piece), number


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # whoever shares the descriptor made it non-blocking
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            poll.poll()
