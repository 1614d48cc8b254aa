"""Files and folders that are on the disk, and not merely in its cache, before their name says so."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

READABLE = 0o644  # whoever shares the volume reads: in a pod, another container as another user
PASSABLE = 0o755


def write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file, readable for everyone whatever the umask, and wait until the disk has it. Raises OSError."""
    with path.open("wb") as file:
        os.fchmod(file.fileno(), READABLE)
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, content: bytes) -> None:
    """Write a file in place of the one before: readers see one or the other. Raises OSError."""
    beside = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        write(beside, [content])
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder that everyone may pass; its parent exists. One that is there is left as it is. Raises OSError."""
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(stat.S_IMODE(path.stat().st_mode) | PASSABLE)  # a volume's setgid bit stays


def sync(folder: Path) -> None:
    """Wait until the disk has a folder's names. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
