"""A release: a listing of files by SHA-256, which its id is computed from, and a note of where it comes from."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from registry import names
from registry.errors import IntegrityError

MOST_FILES = 10_000
MOST_BYTES = 8 << 20  # of a release's document
LARGEST_FILE = 64 << 30  # bytes
LARGEST = 512 << 30  # bytes, of all files of a release

Size = Annotated[int, Meta(ge=0, le=LARGEST_FILE)]
Note = Annotated[str, Meta(max_length=1000)]


class File(msgspec.Struct, frozen=True):
    """A file by its path in the model repository; `size` in bytes."""

    path: Annotated[str, Meta(max_length=1000)]
    size: Size
    sha256: Annotated[str, Meta(pattern=rf"^{names.SHA256.pattern}\Z")]


class Origin(msgspec.Struct, frozen=True):
    """Who made a release, when (ISO 8601), from which source, with which libraries by version; no part of the id."""

    created: Annotated[str, Meta(max_length=40)] = ""
    by: Note = ""
    message: Note = ""
    revision: Note = ""
    libraries: Annotated[dict[Note, dict[Note, Note]], Meta(max_length=MOST_FILES)] = {}


class Release(msgspec.Struct, frozen=True, dict=True):
    """What a release's document says; `files` are sorted by path."""

    files: Annotated[tuple[File, ...], Meta(min_length=1, max_length=MOST_FILES)]
    origin: Origin = Origin()
    format: Annotated[int, Meta(ge=1, le=1)] = 1

    @cached_property
    def id(self) -> str:
        """The beginning of the SHA-256 of the listing."""
        return hashlib.sha256(listing(self.files).encode()).hexdigest()[: names.ID_DIGITS]

    @property
    def size(self) -> int:
        """All files, in bytes."""
        return sum(file.size for file in self.files)

    @cached_property
    def versions(self) -> dict[str, tuple[int, ...]]:
        """Each model's versions, ascending."""
        found: dict[str, set[int]] = {names.model(file.path): set() for file in self.files}
        for file in self.files:
            if (version := names.version(file.path)) is not None:
                found[names.model(file.path)].add(version)
        return {model: tuple(sorted(numbers)) for model, numbers in sorted(found.items())}

    def of(self, model: str, version: int | None) -> tuple[File, ...]:
        """Files of a version, or those of a model that belong to no version."""
        return tuple(f for f in self.files if names.model(f.path) == model and names.version(f.path) == version)


def listing(files: Iterable[File]) -> str:
    """Return files as `sha256sum` lists them: anybody can compute a release's id with it."""
    return "".join(f"{file.sha256}  {file.path}\n" for file in files)


def encode(release: Release) -> bytes:
    """Return a release's document."""
    return msgspec.json.format(msgspec.json.encode(release), indent=1) + b"\n"


def decode(content: bytes, expected: str) -> Release:
    """Read the document of the release with this id.

    Raises IntegrityError for what is none, holds a path that leaves its folder, or has another id.
    """
    try:
        release = msgspec.json.decode(content, type=Release)
    except (ValueError, RecursionError) as error:  # msgspec's and UTF-8's errors are ValueErrors
        raise _forged(expected, f"is none: {error}") from None
    if fault := fault_of(release):
        raise _forged(expected, fault)
    if release.id != expected:
        raise _forged(expected, f"lists the files of {release.id}")
    return release


def fault_of(release: Release) -> str:
    """Return what is wrong with a release's paths, sizes or notes; empty when nothing is."""
    paths = [file.path for file in release.files]
    if odd := next((path for path in paths if not names.is_path(path)), None):
        return f"has the path {odd!r}: files lie in a model's folder, and names hold letters, digits and ._+@=- alone"
    folders = {path.rpartition("/")[0] for path in paths}
    folders |= {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/"))}
    if both := sorted(folders.intersection(paths)):
        return f"has {both[0]!r} both as a file and as a folder"
    if any(one >= other for one, other in pairwise(paths)):
        return "does not list its files in the order of their paths, each once"
    if release.size > LARGEST:
        return f"announces {release.size:,} bytes, more than {LARGEST:,}"
    return "" if all(map(str.isprintable, _notes(release.origin))) else "has notes with control characters"


def _notes(origin: Origin) -> Iterator[str]:
    """All that ends up on terminals."""
    yield from (origin.created, origin.by, origin.message, origin.revision)
    for version, libraries in origin.libraries.items():
        yield version
        yield from (*libraries, *libraries.values())


def _forged(release: str, fault: str) -> IntegrityError:
    return IntegrityError(
        f"the document of release {release} {fault}",
        "do not use it: find out who may write to the store, and push the release again to another one",
    )
