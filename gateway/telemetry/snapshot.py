"""What a worker leaves for the others: its counts and gauges, in a file of the folder that they share."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from gateway.telemetry.exemplars import Exemplars
from gateway.telemetry.gauges import Samples
from gateway.telemetry.series import Key

_FRESH = 5.0  # seconds after which a worker that left nothing new counts as gone

Counted = dict[str, dict[Key, list[float]]]  # values by the family's name and their labels


class Snapshot(msgspec.Struct, array_like=True):
    """The state of one worker at one time; counts include those of its predecessors in the same place."""

    worker: int
    pid: int
    at: float  # seconds since the epoch
    counted: Counted
    gauges: Samples
    exemplars: Exemplars

    def is_live(self) -> bool:
        """Tell whether the worker still runs."""
        return time.time() - self.at < _FRESH and _runs(self.pid)


class Folder:
    """Where workers leave their snapshots."""

    def __init__(self, path: Path, worker: int) -> None:
        self._path = path
        self._own = path / _name(worker)

    def own(self) -> Counted:
        """Return what the predecessor of this worker had counted last."""
        found = _read(self._own)
        return found.counted if found else {}

    def others(self) -> Iterator[Snapshot]:
        """Return what the other workers left last, dead ones included: their counts still count."""
        for path in sorted(self._path.glob(_name("*"))):
            found = _read(path) if path != self._own else None
            if found is not None:
                yield found

    def leave(self, snapshot: Snapshot) -> None:
        """Replace what was left before, in one step. Raises OSError."""
        fresh = self._own.with_suffix(".new")
        fresh.write_bytes(msgspec.msgpack.encode(snapshot))
        fresh.replace(self._own)


def added(parts: Iterable[Counted]) -> Counted:
    """Return the sum of what several have counted."""
    total: Counted = {}
    for part in parts:
        for name, values in part.items():
            family = total.setdefault(name, {})
            for key, numbers in values.items():
                known = family.get(key)
                same = known is not None and len(known) == len(numbers)
                family[key] = [a + b for a, b in zip(known, numbers, strict=True)] if same and known else list(numbers)
    return total


def _name(worker: int | str) -> str:
    return f"metrics-{worker}.msgpack"


def _read(path: Path) -> Snapshot | None:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Snapshot)
    except (OSError, msgspec.DecodeError):  # not there, or of another version of the gateway
        return None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
