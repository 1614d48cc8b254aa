"""A store in a folder: in an image, on a volume, on this machine."""

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from registry import content, durable, names
from registry.errors import AccessError, ConflictError, IntegrityError, NotFoundError, RegistryError, UnavailableError
from registry.store import Document, Entry

_LOCK = ".lock"


class FolderStore:
    """Files under a folder, each written beside its place and renamed into it. Readers need no right to write."""

    def __init__(self, folder: Path) -> None:
        self.url = str(folder)
        self._folder = folder

    def entries(self, prefix: str) -> Iterator[Entry]:
        with self._translated():
            if not self._folder.is_dir():
                raise NotFoundError(
                    f"{self._folder} is not a folder", "name the folder of the store, or push to it first"
                )
            folder = self._folder / prefix
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if entry := _entry(path, f"{prefix}{path.name}"):
                    yield entry

    def read(self, name: str, limit: int) -> Document:
        with self._translated(name):
            data = b"".join(content.pieces(self._sized(name, range(limit + 1))))
        return Document(data, hashlib.sha256(data).hexdigest())

    def write(self, name: str, content: bytes, replaces: str | None) -> None:
        with self._translated(name), self._locked():
            path = self._folder / name
            found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
            if found != replaces:
                raise ConflictError(f"{name} was changed by somebody else a moment ago", "look at it and try again")
            durable.make_folder(path.parent)
            durable.replace(path, content)

    def chunks(self, name: str, size: int) -> Iterator[bytes]:
        with self._translated(name):
            yield from content.pieces(self._sized(name, range(size, size + 1)))

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        with self._translated(name):
            partial = self._folder / names.PARTIAL / uuid4().hex
            self._make_folder(partial.parent)
            try:
                durable.write(partial, chunks)
                self._keep(partial, self._folder / name)
            finally:
                partial.unlink(missing_ok=True)

    def touch(self, name: str) -> int | None:
        with self._translated(name), self._locked():
            try:
                os.utime(self._folder / name)
                return (self._folder / name).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, entry: Entry) -> bool:
        with self._translated(entry.name), self._locked():
            path = self._folder / entry.name
            found = _entry(path, entry.name) if path.exists() else None
            if found is None or found.state != entry.state:
                return False
            path.unlink()
            return True

    def _keep(self, partial: Path, path: Path) -> None:
        with self._locked():
            durable.make_folder(path.parent)
            if not path.exists():
                partial.rename(path)
                durable.sync(path.parent)

    def _sized(self, name: str, sizes: range) -> Path:
        path = self._folder / name
        if (size := path.stat(follow_symlinks=False).st_size) not in sizes:
            raise IntegrityError(
                f"{name} in {self._folder} has {size:,} bytes, not {sizes[-1]:,} or what is allowed",
                "it is damaged: scoring models verify says what else is",
            )
        return path

    def _make_folder(self, folder: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        durable.make_folder(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the store: one writer at a time. A lock file, as network file systems lock no folders."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _translated(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _translation(error, self._folder / name, self._folder) from error


def _translation(error: OSError, path: Path, store: Path) -> RegistryError:
    reason = error.strerror or str(error)
    if isinstance(error, FileNotFoundError):
        return NotFoundError(f"{path} is missing", f"scoring models list --store {store} shows what there is")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return AccessError(
            f"{error.filename or path}: {reason}", "the store's folder belongs to another user, or is read-only"
        )
    if error.errno == errno.ELOOP:
        return IntegrityError(f"{path} is a symbolic link", "a store holds files alone; find out who put it there")
    return UnavailableError(
        f"{error.filename or path}: {reason}", "see whether the store's disk is full or its volume gone"
    )


def _entry(path: Path, name: str) -> Entry | None:
    with suppress(FileNotFoundError):  # deleted while the folder was listed
        found = path.stat(follow_symlinks=False)
        if stat.S_ISREG(found.st_mode) and not path.name.startswith("."):
            modified = datetime.fromtimestamp(found.st_mtime, UTC)
            return Entry(name, found.st_size, modified, f"{found.st_mtime_ns}-{found.st_ino}")
    return None
