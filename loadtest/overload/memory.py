"""The memory of the gateway over time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import msgspec

from loadtest import procfs
from loadtest.inventory import GATEWAY, processes

_INTERVAL = 0.25  # seconds


class Memory(msgspec.Struct, frozen=True):
    """Resident MB (10^6 bytes) of all processes of the gateway together, and when: seconds since the run's start."""

    times: list[float]
    rss_mb: list[float]

    def largest(self, since: float, until: float) -> float:
        """Return the most that it was in a part of the run, in MB."""
        return max(size for at, size in zip(self.times, self.rss_mb, strict=True) if since <= at < until)


@contextmanager
def watched(root: int, start: float) -> Iterator[Memory]:
    """Look at the gateway below the process `root` while the context lasts, from `start` (`perf_counter`) on."""
    seen, done = Memory([], []), threading.Event()
    gateway = processes(root)[GATEWAY]

    def look() -> None:
        while not done.wait(_INTERVAL):
            at = perf_counter() - start
            if at >= 0:
                seen.times.append(round(at, 2))
                seen.rss_mb.append(round(resident(gateway) / 1e6, 2))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def resident(pid: int) -> int:
    """Return the bytes that a process and its descendants have in memory."""
    return sum(procfs.resident(each) for each in (pid, *procfs.descendants(pid)))
