"""How busy others keep the machine during a run: looked at between figures, when our services have nothing to do."""

import time
from pathlib import Path
from statistics import median

_STAT = Path("/proc/stat")
_LOOK = 0.15  # seconds
# Columns of /proc/stat's first line that are not work (proc(5)): idle, iowait. Time that a hypervisor gives to other
# machines (steal) is work of others; guest time is part of user time.
_IDLE, _COLUMNS = (3, 4), 8


class Disturbance:
    """Takes looks at the machine; `share` is that of all cores' time that others took, the median of all looks."""

    def __init__(self) -> None:
        self._seen: list[float] = []

    def look(self) -> None:
        """Wait a moment and see how much was done meanwhile."""
        before = _ticks()
        time.sleep(_LOOK)
        self._seen.append(busy(before, _ticks()))

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 without a look."""
        return round(median(self._seen), 3) if self._seen else 0.0


def busy(before: list[int], after: list[int]) -> float:
    """Return the share of time between two readings in which cores did something."""
    spent = [late - early for early, late in zip(before, after, strict=True)]
    total = sum(spent)
    return 1 - sum(spent[column] for column in _IDLE) / total if total else 0.0


def _ticks() -> list[int]:
    first = _STAT.read_text(encoding="ascii").splitlines()[0]
    return [int(field) for field in first.split()[1 : 1 + _COLUMNS]]
