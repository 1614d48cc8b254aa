"""What a driver's process takes of the machine, and how long it waits to be given it."""

from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple


class Share(NamedTuple):
    """Shares of time: in which the process ran (above 1 with several threads), and waited for a core."""

    busy: float
    starved: float


class Effort:
    """Looks at this process from its creation on."""

    def __init__(self) -> None:
        self._began, self._used, self._waited = perf_counter(), process_time(), _waited()

    def share(self) -> Share:
        """Return what it took until now."""
        seconds = perf_counter() - self._began
        return Share((process_time() - self._used) / seconds, (_waited() - self._waited) / seconds)


def _waited() -> float:
    """Return the seconds in which threads of this process could run, but another one had the core."""
    # Second field: time on a run queue in ns (Documentation/scheduler/sched-stats.rst); kernels may be built without.
    files = Path("/proc/self/task").glob("*/schedstat")
    return sum(int(each.read_text(encoding="ascii").split()[1]) for each in files) / 1e9
