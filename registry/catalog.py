"""The releases of a store: one by its id or tag, or all of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import get_close_matches

from registry import names, tags
from registry.errors import IntegrityError, NotFoundError, RegistryError
from registry.names import is_id, is_tag
from registry.release import MOST_BYTES, Release, decode
from registry.store import Store
from registry.tags import Tag

_AT_ONCE = 8
_SHOWN = 5


@dataclass
class Catalog:
    """What a store holds: readable releases, the newest first, what is wrong with the others by id, and its tags."""

    releases: list[Release] = field(default_factory=list)
    damaged: dict[str, IntegrityError] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)

    def tags_of(self, release: str) -> list[str]:
        """Return the tags that point to a release."""
        return sorted(name for name, tag in self.tags.items() if tag.release == release)


def load(store: Store, release: str) -> Release:
    """Read the document of a release. Raises NotFoundError, IntegrityError."""
    return decode(store.read(names.release_name(release), MOST_BYTES).content, release)


def load_all(store: Store) -> Catalog:
    """Read all documents of a store. Raises RegistryError when it cannot be listed."""
    found = Catalog(tags=tags.known(store))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for release, document in zip(
            ids := list(_ids(store)), pool.map(lambda each: _tried(store, each), ids), strict=True
        ):
            if isinstance(document, IntegrityError):
                found.damaged[release] = document
            elif document is not None:
                found.releases.append(document)
    found.releases.sort(key=lambda release: (release.origin.created, release.id), reverse=True)
    return found


def resolve(store: Store, reference: str) -> str:
    """Return the id that an id or a tag stands for. Raises NotFoundError, naming those that look alike."""
    refuse_impossible(store, reference)
    if is_id(reference):
        return reference
    try:
        return tags.read(store, reference)[0].release
    except NotFoundError:
        raise _unknown(store, reference) from None


def refuse_impossible(store: Store, reference: str) -> None:
    """Raise RegistryError for what neither an id nor a tag can look like."""
    if not is_id(reference) and not is_tag(reference):
        raise RegistryError(f"{reference!r} is neither an id nor a tag", f"scoring models list --store {store.url}")


def find(store: Store, reference: str) -> Release:
    """Read the release that an id or a tag stands for. Raises NotFoundError, naming those that look alike."""
    release = resolve(store, reference)
    try:
        return load(store, release)
    except NotFoundError:
        if release != reference:
            raise NotFoundError(
                f"the tag {reference} points to {release}, which {store.url} does not hold",
                f"point it to one that is there: scoring models tag {reference} ID",
            ) from None
        raise _unknown(store, reference) from None


def _ids(store: Store) -> Iterator[str]:
    for entry in store.entries(names.RELEASES):
        name = entry.name.removeprefix(names.RELEASES).removesuffix(".json")
        if is_id(name) and entry.name == names.release_name(name):
            yield name


def _tried(store: Store, release: str) -> Release | IntegrityError | None:
    try:
        return load(store, release)
    except IntegrityError as error:
        return error
    except NotFoundError:  # pruned since it was listed
        return None


def _unknown(store: Store, reference: str) -> NotFoundError:
    """Say which ids begin so, and which names are spelled alike."""
    try:
        present = [*_ids(store), *tags.known(store)]
    except RegistryError as error:
        return NotFoundError(f"{store.url} holds no release {reference}", error.hint)
    near = [each for each in present if each.startswith(reference)] or get_close_matches(
        reference, present, _SHOWN, 0.5
    )
    hint = f"did you mean {', '.join(near[:_SHOWN])}?" if near else f"scoring models list --store {store.url} shows all"
    return NotFoundError(
        f"{store.url} holds no release {reference}", hint if present else "it is empty: scoring models push"
    )
