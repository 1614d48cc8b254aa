"""What the kernel says of a process: the metrics that every Prometheus client shows of its own."""

import os
from functools import cache
from pathlib import Path

from gateway.telemetry.gauges import Sample, Samples


def samples(pid: int) -> Samples:
    """Return memory, processor time, start and open files of a process; nothing of one that has ended."""
    folder = Path("/proc") / str(pid)
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        found = _described_by(fields)
        found["process_open_fds"] = len(os.listdir(folder / "fd"))  # noqa: PTH208  a Path each would cost more
        found["process_max_fds"] = _most_files((folder / "limits").read_text())
    except OSError:  # it has ended meanwhile, or this is no Linux
        return {}
    return {name: [Sample({}, value)] for name, value in found.items()}


def _described_by(fields: list[str]) -> dict[str, float]:
    """Read /proc/PID/stat behind the command's name: field 3 of proc(5) is the first here."""
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return {
        "process_cpu_seconds_total": (int(fields[11]) + int(fields[12])) / tick,
        "process_start_time_seconds": _boot() + int(fields[19]) / tick,
        "process_virtual_memory_bytes": int(fields[20]),
        "process_resident_memory_bytes": int(fields[21]) * page,
    }


def _most_files(limits: str) -> float:
    line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    return float(line.split()[3].replace("unlimited", "inf"))


@cache
def _boot() -> float:
    """Return when the machine started, in seconds since the epoch."""
    lines = Path("/proc/stat").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("btime ")))
