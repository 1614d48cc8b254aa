"""Tags: names that point to releases and move; two that move one at once do not overwrite each other unseen."""

import msgspec

from registry import names
from registry.errors import ConflictError, IntegrityError, NotFoundError, RegistryError
from registry.names import is_id, is_tag
from registry.origin import now, somebody
from registry.store import Store

_MOST_BYTES = 10_000


class Tag(msgspec.Struct, frozen=True):
    """Where a tag points to, where it pointed before, who moved it and when (ISO 8601)."""

    release: str
    previous: str | None = None
    moved: str = ""
    by: str = ""


def known(store: Store) -> dict[str, Tag]:
    """Return all tags of a store. Raises RegistryError."""
    found = (entry.name.removeprefix(names.TAGS) for entry in store.entries(names.TAGS))
    return {name: read(store, name)[0] for name in found if is_tag(name)}


def read(store: Store, name: str) -> tuple[Tag, str]:
    """Return a tag, and the state it was read in. Raises NotFoundError, IntegrityError for what is no tag."""
    document = store.read(names.tag_name(name), _MOST_BYTES)
    try:
        tag = msgspec.json.decode(document.content, type=Tag)
    except (ValueError, RecursionError):
        tag = Tag("")
    if not is_id(tag.release) or not (tag.moved + tag.by).isprintable():
        raise IntegrityError(
            f"the tag {name} in {store.url} points to no release",
            f"delete {names.tag_name(name)} from the store, then: scoring models tag {name} ID",
        )
    return tag, document.state


def move(store: Store, name: str, release: str, expected: str | None = None) -> str | None:
    """Point a tag to a release and return where it pointed before.

    Raises ConflictError when it does not point to `expected` (if given), or is moved by somebody else at this moment.
    """
    old, state = _standing(store, name)
    before = old.release if old else None
    if expected is not None and expected != before:
        raise ConflictError(f"{name} points to {before or 'nothing'}, not to {expected}", "look who moved it, and why")
    if before != release:
        content = msgspec.json.encode(Tag(release, before, now(), somebody())) + b"\n"
        store.write(names.tag_name(name), content, state)
    return before


def delete(store: Store, name: str) -> str:
    """Take a tag away and return where it pointed. Raises NotFoundError, ConflictError."""
    tag, _ = read(store, name)
    entry = next((each for each in store.entries(names.TAGS) if each.name == names.tag_name(name)), None)
    if entry is None or not store.delete(entry):
        raise ConflictError(f"{name} was changed by somebody else a moment ago", "look at it and try again")
    return tag.release


def checked(name: str) -> str:
    """Return a tag's name. Raises RegistryError for what cannot be one."""
    if not is_tag(name):
        raise RegistryError(
            f"{name!r} cannot be a tag",
            f"use up to 63 lower-case letters, digits and ._-, but not the {names.ID_DIGITS} digits of an id",
        )
    return name


def _standing(store: Store, name: str) -> tuple[Tag | None, str | None]:
    try:
        return read(store, name)
    except NotFoundError:
        return None, None
