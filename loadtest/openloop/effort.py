"""What a driver's process takes of the machine, and how long it waits to be given it."""

from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

_SCHEDSTAT = Path("/proc/thread-self/schedstat")


class Share(NamedTuple):
    """Shares of time: in which the process ran, and in which the calling thread could have run but got no core."""

    busy: float
    starved: float


class Effort:
    """Looks at this process from its creation on."""

    def __init__(self) -> None:
        self._began, self._used, self._waited = perf_counter(), process_time(), _waited()

    def share(self) -> Share:
        """Return what was taken until now."""
        seconds = perf_counter() - self._began
        return Share((process_time() - self._used) / seconds, (_waited() - self._waited) / seconds)


def _waited() -> float:
    """Return the seconds for which this thread stood in the queue for a core."""
    try:
        fields = _SCHEDSTAT.read_text(encoding="ascii").split()
    except FileNotFoundError:  # not all kernels keep account
        return 0.0
    return int(fields[1]) / 1e9  # Documentation/scheduler/sched-stats.rst
