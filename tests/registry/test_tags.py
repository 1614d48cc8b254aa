"""Tags, and finding releases by them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry import catalog, names, tags
from registry.errors import ConflictError, IntegrityError, NotFoundError, RegistryError
from registry.store import Store
from tests.registry.models import write_model
from tests.registry.releasing import released

A, B = "a" * 16, "b" * 16


def test_a_tag_remembers_where_it_was(store: Store) -> None:
    """Moving tells where it pointed before, and keeps that beside who moved it."""
    assert tags.move(store, "live", A) is None
    assert tags.move(store, "live", B) == A
    assert tags.move(store, "live", B) == B
    tag, _ = tags.read(store, "live")
    assert (tag.release, tag.previous) == (B, A)
    assert "@" in tag.by
    assert tags.delete(store, "live") == B
    assert tags.known(store) == {}


def test_a_tag_is_moved_from_where_it_is_expected(store: Store) -> None:
    """A move that expects another release, or a tag where there is none, does nothing."""
    with pytest.raises(ConflictError, match="points to nothing"):
        tags.move(store, "live", A, expected=B)
    tags.move(store, "live", A)
    with pytest.raises(ConflictError, match=f"points to {A}, not to {B}"):
        tags.move(store, "live", B, expected=B)
    assert tags.read(store, "live")[0].release == A


def test_of_many_who_move_a_tag_no_move_is_lost(store: Store) -> None:
    """Several at once: each move either is told the one before it, or fails."""
    tags.move(store, "live", A)

    def move(number: int) -> str | None:
        try:
            return tags.move(store, "live", f"{number:016}")
        except ConflictError:
            return None

    with ThreadPoolExecutor(8) as pool:
        told = [before for before in pool.map(move, range(8)) if before]
    assert len(told) == len(set(told))
    assert A in told


@pytest.mark.parametrize("name", ["Live", "", "a/b", "..", "-x", "x-", "a" * 64, "0123456789abcdef", "live\n", "é"])
def test_names_that_are_no_tags(name: str) -> None:
    """A tag is a plain word that no id looks like."""
    with pytest.raises(RegistryError, match="cannot be a tag"):
        tags.checked(name)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"release": "../../x"}', b"[" * 5000, b'{"release": 1}'])
def test_a_tag_that_is_none(store: Store, content: bytes) -> None:
    """What lies there and is no tag is said to be damaged."""
    store.write(names.tag_name("live"), content, None)
    with pytest.raises(IntegrityError, match="points to no release"):
        catalog.resolve(store, "live")


def test_those_that_look_alike_are_named(store: Store, repository: Path) -> None:
    """An id's beginning, or a tag that is spelled a little differently, leads to what was meant."""
    release = released(store, repository, ["live", "canary"])
    for wrong, right in ((release[:6], release), ("lve", "live"), ("canari", "canary")):
        with pytest.raises(NotFoundError) as caught:
            catalog.find(store, wrong)
        assert f"did you mean {right}?" in caught.value.hint
    with pytest.raises(NotFoundError) as caught:
        catalog.find(store, "f" * 16)
    assert "models list" in caught.value.hint


def test_nothing_looks_alike_in_an_empty_store(store: Store) -> None:
    """The hint says how to fill it."""
    with pytest.raises(NotFoundError) as caught:
        catalog.find(store, "live")
    assert "it is empty" in caught.value.hint


def test_a_tag_without_its_release(store: Store) -> None:
    """A tag whose release is gone is said to be so."""
    tags.move(store, "live", A)
    with pytest.raises(NotFoundError, match=f"live points to {A}, which"):
        catalog.find(store, "live")


def test_the_newest_release_comes_first(store: Store, repository: Path) -> None:
    """All releases are listed, each with its tags; what is no document is told apart."""
    first = released(store, repository, ["old"])
    write_model(repository, 3)
    second = released(store, repository, ["live", "canary"])
    store.write(names.release_name(A), b"garbage", None)
    found = catalog.load_all(store)
    assert {release.id for release in found.releases} == {first, second}
    assert list(found.damaged) == [A]
    assert (found.tags_of(second), found.tags_of(first)) == (["canary", "live"], ["old"])
