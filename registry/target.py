"""A folder of pulled releases: each whole under its name, one of them `current`.

DIR/current -> 3f9c0a1b2c3d4e5f    what is to be served; switched by renaming a link
DIR/3f9c0a1b2c3d4e5f/              a release, or a part of one, as it was when the folder took its name
DIR/.staging-<name>/               one that is being pulled, or was when the machine stopped
DIR/.lock                          held by whoever pulls
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import msgspec

from registry import durable, names
from registry.errors import TargetError
from registry.release import Release
from registry.selection import Selection

CURRENT = "current"
RECEIPT = ".release.json"
_STAGING = ".staging-"
_RELEASE = re.compile(rf"{names.ID.pattern}(-[a-z0-9]+)*")
_LEFT_OVER = re.compile(rf"{re.escape(_STAGING)}.*|\.{CURRENT}-[0-9a-f]+")
_LOCK_SECONDS = 1800.0  # a pull that takes longer than that hangs
_LOCK_PAUSE = 0.1


class Receipt(msgspec.Struct, frozen=True):
    """What a pulled folder holds: lies in it as .release.json."""

    id: str
    selection: Selection
    release: Release


class Target:
    """The folder; methods that change it are called while it is held."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def held(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """Hold the folder: one pull at a time; `on_wait` is called when another one is at work.

        Raises TargetError when the folder cannot be written, or the other one does not come to an end.
        """
        with translated(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                _lock(descriptor, self.folder, on_wait)
                yield
            finally:
                os.close(descriptor)  # whoever is killed lets go, too

    def place(self, name: str) -> Path:
        """Return where a release lies."""
        return self.folder / name

    def staging(self, name: str) -> Path:
        """Return where a release is put together; what an earlier attempt left there may be used."""
        path = self.folder / f"{_STAGING}{name}"
        durable.make_folder(path)
        return path

    def current(self) -> str | None:
        """Return the name of the release that is to be served; None when there is none."""
        try:
            name = str((self.folder / CURRENT).readlink())
        except OSError:
            return None
        return name if self.place(name).is_dir() else None

    def releases(self) -> list[Path]:
        """Return the releases that lie here."""
        return [path for path in self.folder.iterdir() if _RELEASE.fullmatch(path.name) and path.is_dir()]

    def keep(self, staging: Path, name: str) -> None:
        """Give a release that is complete its name, and wait until the disk has it."""
        for folder, _, _ in os.walk(staging):
            durable.sync(Path(folder))
        staging.rename(self.place(name))
        durable.sync(self.folder)

    def switch(self, name: str) -> None:
        """Point `current` to a release in one step. Raises TargetError when something else has that name."""
        link = self.folder / CURRENT
        if link.exists() and not link.is_symlink():
            raise TargetError(f"{link} is no link", "pull into another folder: `current` is to be a link there")
        beside = self.folder / f".{CURRENT}-{uuid4().hex}"
        beside.symlink_to(name)
        beside.replace(link)
        durable.sync(self.folder)

    def sweep(self) -> None:
        """Delete what is neither current nor anybody else's: older releases, left-overs of pulls that were killed.

        Files that a server has opened stay readable for it.
        """
        current = self.current()
        for path in [*self.folder.iterdir()]:
            if path.name == current:
                continue
            if _LEFT_OVER.fullmatch(path.name) or (_RELEASE.fullmatch(path.name) and path.is_dir()):
                _discard(path)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Raise a TargetError for an OSError."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise full(folder, None) from error
        raise TargetError(
            f"{error.filename or folder}: {error.strerror or error}",
            "pull into a folder that you may write to: --target",
        ) from error


def full(folder: Path, needed: int | None) -> TargetError:
    """Return the error that says how much room there is, in bytes, and how much is needed."""
    free = shutil.disk_usage(folder).free
    wanted = f"{needed:,} bytes are needed" if needed else "it became full while files were written"
    return TargetError(
        f"the disk of {folder} has no room: {wanted}, {free:,} are free",
        "give the volume more room (sizeLimit of an emptyDir, ephemeral-storage), or pull less: --versions 1",
    )


def _lock(descriptor: int, folder: Path, on_wait: Callable[[], None]) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TargetError(f"another pull holds {folder} and does not end", "end it, then pull again") from None
            if not told:
                on_wait()
            told = True
            time.sleep(_LOCK_PAUSE)


def _discard(path: Path) -> None:
    """Delete as far as possible; the next sweep finds the rest, as a folder loses its name before its files."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    doomed = path if path.name.startswith(".") else path.with_name(f"{_STAGING}{path.name}-{uuid4().hex}")
    with suppress(OSError):
        path.rename(doomed)
        shutil.rmtree(doomed)
