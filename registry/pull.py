"""From a store into a folder: downloaded beside what is there, checked, and only then given its name."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from registry import catalog, content, durable, names
from registry.interruption import Interruption
from registry.parallel import for_each
from registry.release import File, Release
from registry.selection import Selection
from registry.store import Store
from registry.target import RECEIPT, Receipt, Target, full

_SPARE = 16 << 20  # bytes, for folders and the release's document


class Watcher(Protocol):
    """Who is told how a pull goes on; sizes in bytes."""

    def waits(self) -> None:
        """Another pull is at work in the same folder."""

    def planned(self, release: str, present: int, missing: int) -> None:
        """So much is here already, so much is to be downloaded."""

    def advanced(self, size: int) -> None:
        """So much more was downloaded."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did: `previous` is the folder that was current before, `downloaded` is in bytes."""

    release: str
    folder: str
    previous: str | None
    downloaded: int


def pull(store: Store, reference: str, target: Target, selection: Selection, watcher: Watcher) -> Pulled:
    """Bring a release into a target folder and make it current.

    Whatever happens meanwhile, `current` is a whole release, the one before or the new one. What was downloaded before
    a failure is used by the next attempt; an interruption leaves nothing of it.

    Raises RegistryError.
    """
    release = catalog.resolve(store, reference)
    name = f"{release}{selection.suffix}"
    with target.held(watcher.waits):
        previous, downloaded = target.current(), 0
        if not target.place(name).is_dir():
            downloaded = _bring(store, catalog.find(store, release), target, selection, watcher)
        if previous != name:
            target.switch(name)
        target.sweep()
    return Pulled(release, name, previous, downloaded)


def _bring(store: Store, release: Release, target: Target, selection: Selection, watcher: Watcher) -> int:
    """Put a release together, give it its name and return the bytes that were downloaded."""
    name = f"{release.id}{selection.suffix}"
    wanted, staging = selection.of(release), target.staging(name)
    try:
        missing = [file for file in wanted if not _reused(file, staging, target.releases())]
        size = sum(file.size for file in missing)
        if size + _SPARE > shutil.disk_usage(target.folder).free:
            raise full(target.folder, size)
        watcher.planned(release.id, sum(file.size for file in wanted) - size, size)
        for_each(missing, lambda file, advance: _download(store, file, staging, advance), watcher.advanced)
        _finish(staging, wanted, Receipt(release.id, selection, release))
    except Interruption:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    target.keep(staging, name)
    return size


def _reused(file: File, staging: Path, releases: list[Path]) -> bool:
    """Tell whether a file is there from an earlier attempt or, as the same file on the disk, from another release."""
    place = staging / file.path
    _make_folders(staging, place.parent)
    if content.intact(place, file):
        return True
    place.unlink(missing_ok=True)
    for release in releases:
        if content.intact(release / file.path, file):
            with suppress(OSError):  # a file system without hard links
                os.link(release / file.path, place, follow_symlinks=False)
                return True
    return False


def _download(store: Store, file: File, staging: Path, advance: Callable[[int], None]) -> None:
    def counted() -> Iterator[bytes]:
        for chunk in content.checked(store.chunks(names.file_name(file.sha256), file.size), file):
            advance(len(chunk))
            yield chunk

    durable.write(staging / file.path, counted())


def _finish(staging: Path, files: tuple[File, ...], receipt: Receipt) -> None:
    """Give all files one time, as the doctor compares a model's with its certificate's, and write the receipt."""
    moment = time.time()
    for file in files:
        with suppress(PermissionError):  # another user's, of another release
            os.utime(staging / file.path, (moment, moment))
    durable.write(staging / RECEIPT, [msgspec.json.encode(receipt)])


def _make_folders(staging: Path, folder: Path) -> None:
    if folder != staging:
        _make_folders(staging, folder.parent)
        durable.make_folder(folder)
