"""Pushing and pulling in tests, as the commands do it."""

from collections.abc import Sequence
from pathlib import Path

from registry import tags
from registry.origin import origin
from registry.pull import Pulled, pull
from registry.push import push
from registry.release import Release
from registry.repository import files
from registry.selection import Selection
from registry.store import Store
from registry.target import Target


class Quiet:
    """A watcher and journal that remembers what it was told."""

    def __init__(self) -> None:
        self.missing: list[int] = []
        self.downloaded = 0
        self.waited = 0
        self.switches: list[str] = []
        self.failures: list[Exception] = []
        self.recoveries = 0

    def waits(self) -> None:
        self.waited += 1

    def planned(self, release: str, present: int, missing: int) -> None:
        self.missing.append(missing)

    def advanced(self, size: int) -> None:
        self.downloaded += size

    def switched(self, pulled: Pulled) -> None:
        self.switches.append(pulled.folder)

    def failed(self, error: Exception, wait: float) -> None:
        self.failures.append(error)

    def recovered(self, failures: int) -> None:
        self.recoveries += 1


def release_of(repository: Path, keep: int = 3, message: str = "") -> Release:
    """The release that a repository makes."""
    found = files(repository, keep)
    return Release(found, origin(repository, found, message, "abc"))


def released(store: Store, repository: Path, pointing: Sequence[str] = (), keep: int = 3) -> str:
    """Push a repository, point tags to it, return its id."""
    release = release_of(repository, keep)
    push(store, repository, release, lambda _: None)
    for name in pointing:
        tags.move(store, name, release.id)
    return release.id


def pulled(store: Store, reference: str, folder: Path, watcher: Quiet | None = None, **selection: bool | int) -> Pulled:
    """Pull a release, or a part of it."""
    return pull(store, reference, Target(folder), Selection(**selection), watcher or Quiet())  # type: ignore[arg-type]
