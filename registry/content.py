"""Contents checked against what a release says of them: SHA-256, whatever other checksums a store knows."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from registry.errors import IntegrityError
from registry.release import File
from registry.store import CHUNK


def checked(chunks: Iterable[bytes], file: File) -> Iterator[bytes]:
    """Yield pieces of a file. Raises IntegrityError at a byte too much, or at the end unless all was right."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > file.size:
            break
        digest.update(chunk)
        yield chunk
    if size != file.size or digest.hexdigest() != file.sha256:
        raise IntegrityError(
            f"{file.path} is not the file of {file.size:,} bytes with SHA-256 {file.sha256} that it should be",
            "scoring models verify lists all damaged files; pushing the same model repository again repairs none of "
            "them: delete the damaged file from the store first",
        )


def pieces(path: Path) -> Iterator[bytes]:
    """Yield a regular file by pieces; a link is followed nowhere. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe blocks nobody
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "not a regular file", str(path))
        while chunk := file.read(CHUNK):
            yield chunk


def measured(path: Path, name: str) -> File:
    """Return a file's size and hash under its name in a release. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    for chunk in pieces(path):
        digest.update(chunk)
        size += len(chunk)
    return File(name, size, digest.hexdigest())


def intact(path: Path, file: File) -> bool:
    """Tell whether a local file is there and what a release says of it."""
    try:
        return path.stat(follow_symlinks=False).st_size == file.size and measured(path, file.path) == file
    except OSError:
        return False
