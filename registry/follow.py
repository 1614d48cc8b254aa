"""Pulling whatever a tag points to, again and again: errors are told and tried again, never fatal."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from registry import durable
from registry.errors import RegistryError
from registry.origin import now
from registry.pull import Pulled, Watcher, pull
from registry.selection import Selection
from registry.store import Store
from registry.target import Target, translated

FIRST_WAIT = 1.0  # seconds after a failure, doubled with each one that follows
LONGEST_WAIT = 60.0
_JITTER = 0.2  # of a wait


class Journal(Protocol):
    """Who is told what becomes of it."""

    def switched(self, pulled: Pulled) -> None:
        """Another release is current."""

    def failed(self, error: Exception, wait: float) -> None:
        """A look failed; the next one comes in `wait` seconds."""

    def recovered(self, failures: int) -> None:
        """A look went well after so many that failed."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed, and where it goes; `interval` in seconds."""

    store: Store
    reference: str
    target: Target
    selection: Selection
    interval: float
    ready_file: Path | None


def follow(followed: Followed, journal: Journal, watcher: Watcher, pause: Callable[[float], object]) -> None:
    """Follow for ever; `pause` waits for so many seconds, and ends it all by raising something."""
    failures = 0
    while True:
        try:
            _look(followed, journal, watcher)
        except Exception as error:  # noqa: BLE001 - whatever it is, the release that is current still serves
            wait = backoff(failures)
            failures += 1
            journal.failed(error, wait)
        else:
            wait = jittered(followed.interval)
            if failures:
                journal.recovered(failures)
            failures = 0
        pause(wait)


def backoff(failures: int) -> float:
    """Return the seconds to wait after so many failures and one more."""
    return jittered(min(FIRST_WAIT * 2.0 ** min(failures, 10), LONGEST_WAIT))


def jittered(seconds: float) -> float:
    """Return a wait, a little shorter or longer: a hundred pods do not ask at once."""
    return seconds * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret


def _look(followed: Followed, journal: Journal, watcher: Watcher) -> None:
    try:
        pulled = pull(followed.store, followed.reference, followed.target, followed.selection, watcher)
    except RegistryError:
        _tell_ready(followed, only_if_missing=True)  # a container that starts anew beside an older release
        raise
    if pulled.previous != pulled.folder:
        journal.switched(pulled)
    _tell_ready(followed)


def _tell_ready(followed: Followed, *, only_if_missing: bool = False) -> None:
    path, current = followed.ready_file, followed.target.current()
    if path is None or current is None or (only_if_missing and path.exists()):
        return
    with translated(path.parent):
        durable.replace(path, msgspec.json.encode({"current": current, "looked": now()}) + b"\n")
