"""Retention: old releases that nothing points to, and files that no release uses.

Nothing that is being pushed or tagged is lost: both touch what they find, and what was touched after it was listed
here is not deleted.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registry import catalog, names
from registry.errors import IntegrityError
from registry.release import Release
from registry.store import Entry, Store

_UNFINISHED = timedelta(days=1)  # a push that takes longer has failed


@dataclass(frozen=True, slots=True)
class Waste:
    """What is to be deleted: releases, files that no other release uses, and the files' bytes."""

    releases: tuple[Release, ...]
    documents: tuple[Entry, ...]
    files: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """The files, in bytes."""
        return sum(entry.size for entry in self.files)


def find(store: Store, keep: int, younger: timedelta, protected: Collection[str]) -> Waste:
    """Find releases beyond the newest `keep` that are older than `younger` and neither tagged nor protected.

    A release's age is that of its document in the store. Raises RegistryError; IntegrityError when a document cannot be
    read, as nobody knows which files it uses.
    """
    now = datetime.now(UTC)
    files = [entry for prefix in (names.FILES, names.PARTIAL) for entry in store.entries(prefix)]  # first: see above
    documents = {entry.name: entry for entry in store.entries(names.RELEASES)}
    found = catalog.load_all(store)
    if found.damaged:
        raise IntegrityError(
            f"{len(found.damaged)} release documents cannot be read: {', '.join(sorted(found.damaged))}",
            "scoring models verify says what is wrong; delete them or put them back, then prune",
        )
    tagged = {tag.release for tag in found.tags.values()}
    old = [
        release
        for release in found.releases[keep:]
        if release.id not in tagged
        and release.id not in protected
        and (entry := documents.get(names.release_name(release.id)))
        and entry.modified < now - younger
    ]
    kept = (release for release in found.releases if release not in old)
    used = {names.file_name(file.sha256) for release in kept for file in release.files}
    unused = tuple(entry for entry in files if entry.name not in used and entry.modified < now - _UNFINISHED)
    return Waste(tuple(old), tuple(documents[names.release_name(release.id)] for release in old), unused)


def delete(store: Store, waste: Waste) -> Waste:
    """Delete releases first, then files, as far as they are as they were found; return what was deleted.

    A release that was tagged or pushed again meanwhile stays, with its files. Raises RegistryError; then the next
    pruning finds the rest.
    """
    gone = [pair for pair in zip(waste.releases, waste.documents, strict=True) if store.delete(pair[1])]
    releases = tuple(release for release, _ in gone)
    needed = {names.file_name(file.sha256) for each in waste.releases if each not in releases for file in each.files}
    files = tuple(entry for entry in waste.files if entry.name not in needed and store.delete(entry))
    return Waste(releases, tuple(document for _, document in gone), files)
