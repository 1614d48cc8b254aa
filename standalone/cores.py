"""How many cores this process may use: what the machine has, less what affinity and control groups take away.

A container limited to two cores on a machine of sixty-four still sees sixty-four, and an engine that starts a thread
for each of them is throttled most of the time.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_SYSTEM = Path("/")


def available(root: Path = _SYSTEM, affinity: int | None = None) -> int:
    """Return the number of whole cores, at least 1; `root` is where /proc and /sys begin.

    `affinity` is the number of cores that the scheduler may choose from, sched_setaffinity(2); None asks it.
    """
    cores = len(os.sched_getaffinity(0)) if affinity is None else affinity
    return max(int(min([cores, *_quotas(root)])), 1)


def _quotas(root: Path) -> Iterator[float]:
    """Yield the CPU quotas, in cores, of this process' control groups and of those around them, cgroups(7)."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if not controllers:
            yield from _of_group(root / "sys/fs/cgroup", group, _quota_v2)
        elif "cpu" in controllers.split(","):
            yield from _of_group(root / "sys/fs/cgroup/cpu", group, _quota_v1)


def _of_group(mount: Path, group: str, quota: Callable[[Path], float]) -> Iterator[float]:
    # In a container the mount often begins at its own group, whose path on the host is not there: such folders are
    # passed over, and the mount itself comes last.
    folder = mount / group.strip("/")
    for place in [folder, *folder.parents]:
        with suppress(ValueError, ZeroDivisionError):  # "max", -1 of 100000, or nothing: no limit
            yield quota(place)
        if place == mount:
            return


def _quota_v2(group: Path) -> float:
    quota, period = _read(group / "cpu.max").split()
    return int(quota) / int(period)


def _quota_v1(group: Path) -> float:
    quota = int(_read(group / "cpu.cfs_quota_us"))
    if quota < 0:
        raise ValueError("no limit")
    return quota / int(_read(group / "cpu.cfs_period_us"))


def _read(path: Path) -> str:
    """Return a file's text, nothing when it cannot be read."""
    try:
        return path.read_text()
    except OSError:
        return ""
