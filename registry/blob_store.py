"""A store in a container of Azure Blob Storage.

Request conditions as in "Specifying conditional headers for Blob service operations" (Azure Storage REST reference),
blocks as in "Put Block List" there: a blob appears when its list is committed.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, ContainerClient

from registry.blob_access import address, credential
from registry.blob_errors import code, immutable, taken, translated
from registry.errors import ConflictError, IntegrityError, RegistryError
from registry.store import CHUNK, Document, Entry

# A pod that waits hears of a lost connection soon; the SDK waits for 20 s, 60 s, and 15 s before it tries again.
_TIMES: dict[str, Any] = {
    "connection_timeout": 10,
    "read_timeout": 30,
    "retry_total": 2,
    "initial_backoff": 1,
    "increment_base": 2,
    "random_jitter_range": 1,
}


def open_container(url: str, environment: dict[str, str]) -> "BlobStore":
    """Open a container by its URL; nothing is asked yet. Raises RegistryError for an address that cannot be one."""
    url = address(url)
    client = ContainerClient.from_container_url(
        url,
        credential=credential(url, environment),
        max_single_get_size=CHUNK,
        max_chunk_get_size=CHUNK,
        user_agent="realtime-scoring-models",
        **_TIMES,
    )
    return BlobStore(url, client)


class BlobStore:
    """Block blobs; a blob's ETag is its state."""

    def __init__(self, url: str, client: ContainerClient) -> None:
        self.url = url
        self._client = client

    def entries(self, prefix: str) -> Iterator[Entry]:
        with translated(self.url):
            for blob in self._client.list_blobs(name_starts_with=prefix):
                yield Entry(blob.name, blob.size, blob.last_modified, _quoted(blob.etag))

    def read(self, name: str, limit: int) -> Document:
        with translated(self.url, name):
            stream = self._client.download_blob(name)
            if stream.size > limit:
                raise _oversized(self.url, name, stream.size, limit)
            return Document(stream.readall(), _quoted(stream.properties.etag))

    def write(self, name: str, content: bytes, replaces: str | None) -> None:
        try:
            with translated(self.url, name):
                self._client.get_blob_client(name).upload_blob(content, overwrite=True, **_condition(replaces))
        except (ResourceExistsError, ResourceModifiedError):
            with suppress(RegistryError):
                if self.read(name, len(content)).content == content:
                    return  # it was us: an attempt whose answer was lost
            raise ConflictError(f"{name} was changed by somebody else a moment ago", "look at it, try again") from None

    def chunks(self, name: str, size: int) -> Iterator[bytes]:
        with translated(self.url, name):
            stream = self._client.download_blob(name)
            if stream.size != size:
                raise _oversized(self.url, name, stream.size, size)
            yield from stream.chunks()

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        prefix = uuid4().hex  # two that upload the same blob do not take each other's blocks for theirs
        blob = self._client.get_blob_client(name)
        blocks = []
        with translated(self.url, name):
            try:
                for number, chunk in enumerate(chunks):
                    blocks.append(BlobBlock(f"{prefix}-{number:06d}"))
                    blob.stage_block(blocks[-1].id, chunk, length=len(chunk))
                blob.commit_block_list(blocks, match_condition=MatchConditions.IfMissing)
            except ResourceExistsError as error:
                if not taken(error):
                    raise

    def touch(self, name: str) -> int | None:
        """Metadata that is written makes a blob's ETag another one; where a policy forbids that, nobody deletes it."""
        blob = self._client.get_blob_client(name)
        with translated(self.url, name):
            try:
                size: int = blob.get_blob_properties().size
                with immutable():
                    blob.set_blob_metadata({"used": uuid4().hex})
            except ResourceNotFoundError as error:
                if code(error) == "ContainerNotFound":
                    raise
                return None
            return size

    def delete(self, entry: Entry) -> bool:
        with translated(self.url, entry.name):
            try:
                self._client.get_blob_client(entry.name).delete_blob(**_condition(entry.state))
            except (ResourceModifiedError, ResourceNotFoundError):
                return False
            return True


def _condition(state: str | None) -> dict[str, Any]:
    if state is None:
        return {"match_condition": MatchConditions.IfMissing}
    return {"etag": state, "match_condition": MatchConditions.IfNotModified}


def _quoted(etag: str) -> str:
    """Return an ETag as conditions want it; a listing leaves the quotes out."""
    return etag if etag.startswith('"') else f'"{etag}"'


def _oversized(store: str, name: str, found: int, expected: int) -> IntegrityError:
    return IntegrityError(
        f"{name} in {store} has {found:,} bytes where {expected:,} are expected or allowed",
        "it is damaged: scoring models verify says what else is",
    )
