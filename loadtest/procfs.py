"""Processes as Linux shows them under /proc."""

import os
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes
_TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes below one, parents first."""
    children: list[int] = []
    for thread in (_PROC / str(pid) / "task").iterdir():
        children += map(int, (thread / "children").read_text(encoding="ascii").split())
    return [each for child in children for each in (child, *descendants(child))]


def command_line(pid: int) -> str:
    """Return the words of a process's command line, joined by spaces."""
    return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used with all its threads, in user mode and in the kernel."""
    # The second field is a name in parentheses that may hold anything; utime and stime are fields 14 and 15.
    fields = (_PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK


def resident(pid: int) -> int:
    """Return the bytes that a process has in memory, shared pages included; cheap enough to ask often."""
    return int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]) * _PAGE


def memory(pid: int) -> tuple[int, int]:
    """Return the bytes that a process has in memory: all of them, and with shared pages divided among their users."""
    fields = {}
    for line in (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, value, _ = line.split()
        fields[name] = int(value) * 1024
    return fields["Rss:"], fields["Pss:"]
