"""Look at processes through /proc, proc(5)."""

from pathlib import Path

_ENDED = {"Z", "X"}  # zombie, dead


def children(pid: int) -> list[int]:
    """Return the ids of the live direct children of a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        state, parent = _state_and_parent(int(folder.name))
        if parent == pid and state not in _ENDED:
            found.append(int(folder.name))
    return sorted(found)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not waited for does not."""
    return _state_and_parent(pid)[0] not in _ENDED


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "X", 0
    # The command's name, in parentheses, may itself hold spaces and parentheses.
    fields = status.rpartition(")")[2].split()
    return fields[0], int(fields[1])
