"""Numbers about each client that all worker processes share: cells in memory-mapped memory, a row for each client.

They are when the client's rate allows the next request (`due`), and its requests in flight, one cell for each worker.
Reading and writing a cell takes no lock: it is eight aligned bytes, and each worker writes in-flight cells of its own
only. Where two workers let requests of one client in within the same microsecond, both write the same `due`, and one
request is not counted: tests/gateway/limits/test_sharing.py measures how often. Finding a client's row takes a lock; it
is done once.
"""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_UN, flock
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 4096
WORKERS = 64
_SIZE = ROWS * 8  # bytes of a column


class Cells:
    """The cells of all clients, in a file or for this process alone; opening them empties the worker's own.

    `due` is of `time.monotonic`, which all processes of a machine share. There are rows for 4,096 clients; one more
    takes over the row of the client that has been idle for longest, which will find its quota as good as new.
    """

    def __init__(self, file: Path | None, worker: int) -> None:
        if not 0 <= worker < WORKERS:
            raise ValueError(f"A worker's number must be between 0 and {WORKERS - 1}, not {worker}.")
        self._file = None if file is None else os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size = (3 + WORKERS) * _SIZE
        if self._file is not None:
            os.ftruncate(self._file, size)
        self._memory = mmap.mmap(-1 if self._file is None else self._file, size)
        view = memoryview(self._memory)
        self._workers = view[:_SIZE].cast("d")  # in its first cell: how many columns are in use
        self.owners = view[_SIZE : 2 * _SIZE].cast("q")  # hash of a client's name, 0 for a free row
        self.due = view[2 * _SIZE : 3 * _SIZE].cast("d")
        self.in_flight = view[3 * _SIZE :].cast("d")  # one worker's column behind the other's
        self.first = worker * ROWS  # of this worker's column
        with self._locked():
            self._workers[0] = max(self._workers[0], worker + 1)
            self._columns()[worker] = 0  # what a process of this number held has ended with it

    def elsewhere(self, row: int) -> int:
        """Return how many requests of a client the other workers have in flight."""
        workers, found = int(self._workers[0]), 0.0
        if workers > 1:
            for cell in range(row, workers * ROWS, ROWS):
                found += self.in_flight[cell]
            found -= self.in_flight[self.first + row]
        return int(found)

    def row(self, owner: int) -> int:
        """Return the row of a client, a new one if need be."""
        with self._locked():
            found = np.flatnonzero(np.asarray(self.owners) == owner)
            return int(found[0]) if found.size else self._taken_over(owner)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)

    def _taken_over(self, owner: int) -> int:
        columns = self._columns()
        row = int(np.where(columns.any(axis=0), np.inf, np.asarray(self.due)).argmin())
        columns[:, row] = 0
        self.due[row] = 0.0
        self.owners[row] = owner
        return row

    def _columns(self) -> NDArray[Any]:
        columns = int(self._workers[0]) * ROWS
        return np.asarray(self.in_flight[:columns]).reshape(-1, ROWS)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if self._file is None:
            yield
            return
        flock(self._file, LOCK_EX)
        try:
            yield
        finally:
            flock(self._file, LOCK_UN)


def owner_of(name: str) -> int:
    """Return the number by which a client of this name owns a row, the same in all processes."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True) or 1
