"""Where releases are kept: what a store can do, whichever it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from registry.errors import RegistryError

CHUNK = 8 << 20  # bytes; each of a few threads holds one at a time


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a store; `state` changes whenever it is written or touched. `size` in bytes."""

    name: str
    size: int
    modified: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Document:
    """A small content, and the state that it was read in."""

    content: bytes
    state: str


class Store(Protocol):
    """Contents by name, `/` between its parts. All methods raise AccessError and UnavailableError."""

    url: str

    def entries(self, prefix: str) -> Iterator[Entry]:
        """List what lies directly under a prefix that ends in `/`. Raises NotFoundError where there is no store."""
        ...

    def read(self, name: str, limit: int) -> Document:
        """Return a content of at most `limit` bytes. Raises NotFoundError, and IntegrityError for a larger one."""
        ...

    def write(self, name: str, content: bytes, replaces: str | None) -> None:
        """Write a content in place of the one in state `replaces`, of none if None. Raises ConflictError."""
        ...

    def chunks(self, name: str, size: int) -> Iterator[bytes]:
        """Yield a content by pieces. Raises NotFoundError, and IntegrityError unless it has `size` bytes."""
        ...

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep a content unless the name is taken, once `chunks` has ended; what it raises leaves nothing behind."""
        ...

    def touch(self, name: str) -> int | None:
        """Mark as used now, so that no pruning that has begun deletes it; return its bytes, None if it is missing."""
        ...

    def delete(self, entry: Entry) -> bool:
        """Delete what is still in the state that was listed; tell whether it was."""
        ...


def open_store(url: str, environment: dict[str, str]) -> Store:
    """Open a folder (a path, or file://) or a container of Azure Blob Storage by its URL; nothing is asked yet.

    Raises RegistryError for an address that cannot be one.
    """
    parts = urlsplit(url)
    if parts.scheme in {"https", "http"}:
        from registry.blob_store import open_container  # noqa: PLC0415 - the SDK takes half a second to load

        return open_container(url, environment)
    from registry.folder_store import FolderStore  # noqa: PLC0415 - beside its sibling

    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    if not url or "://" in url:
        raise RegistryError(
            f"{url!r} is no store",
            "name a folder, or a container: https://ACCOUNT.blob.core.windows.net/CONTAINER (--store, MODELS_STORE)",
        )
    return FolderStore(Path(url))
