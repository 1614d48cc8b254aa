"""Changes the key file: one writer at a time, and whoever reads it sees it before or after, never in between."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.access.key import new_id
from gateway.access.key_file import MOST_BYTES, ClientEntry, KeyEntry, KeyFile, KeyFileError, encode, parse, read_bytes


def read(path: Path) -> KeyFile:
    """Read a key file. Raises KeyFileError."""
    return parse(read_bytes(path))


@contextmanager
def editing(path: Path) -> Iterator["Draft"]:
    """Change the key file, or make one, when the context ends well. Raises KeyFileError."""
    path = path.resolve()  # a symbolic link stays one
    try:
        with _locked(path.parent):
            draft = Draft(read(path) if path.exists() else KeyFile())
            yield draft
            _replace(path, encode(draft.content()))
    except OSError as error:
        raise KeyFileError(f"cannot be written: {error.strerror}") from None


class Draft:
    """The content of a key file while it is changed."""

    def __init__(self, content: KeyFile) -> None:
        self.clients = dict(content.clients)
        self.keys = list(content.keys)

    def unused_id(self) -> str:
        """Return an id that no key has."""
        used = {key.id for key in self.keys}
        return next(key_id for key_id in iter(new_id, "") if key_id not in used)

    def add(self, key: KeyEntry, quota: ClientEntry) -> None:
        """Add a key, and give its client what this quota names; the rest stays as it is."""
        old = self.clients.get(key.client, ClientEntry())
        self.clients[key.client] = ClientEntry(
            rate=old.rate if quota.rate is None else quota.rate,
            burst=old.burst if quota.burst is None else quota.burst,
            concurrent=old.concurrent if quota.concurrent is None else quota.concurrent,
        )
        self.keys.append(key)

    def revoke(self, key_id: str) -> list[KeyEntry]:
        """Take a key out and return it; its client keeps its quota for the next one."""
        return self._take(lambda key: key.id == key_id)

    def revoke_client(self, name: str) -> list[KeyEntry]:
        """Take a client out with all its keys, and return these."""
        self.clients.pop(name, None)
        return self._take(lambda key: key.client == name)

    def content(self) -> KeyFile:
        """Return what is to be written."""
        return KeyFile(clients=self.clients, keys=self.keys)

    def _take(self, revoked: Callable[[KeyEntry], bool]) -> list[KeyEntry]:
        taken = [key for key in self.keys if revoked(key)]
        self.keys = [key for key in self.keys if not revoked(key)]
        return taken


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder: the file itself is another one after each change."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, data: bytes) -> None:
    parse(data)  # what cannot be read is not written
    if len(data) > MOST_BYTES:
        raise KeyFileError(f"would have more than {MOST_BYTES} bytes; revoke keys that nobody uses")
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if path.exists():
                _keep_access(path, file.fileno())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def _keep_access(path: Path, descriptor: int) -> None:
    """Whoever could read the old file can read the new one: the gateway may run as another user than the operator."""
    old = path.stat()
    with suppress(PermissionError):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, old.st_mode & 0o777)
