"""Retention."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from registry import catalog, names, prune, tags
from registry.errors import IntegrityError
from registry.prune import Waste
from registry.store import Store
from registry.verify import verify_store
from tests.registry.models import MODEL, write_model
from tests.registry.releasing import pulled, released

DAY = 86_400


@pytest.fixture
def three(store: Store, repository: Path) -> list[str]:
    """Ids of three releases of 40, 30 and 20 days, of which each has a version that the next has not."""
    found = []
    for version in (3, 4, 5):
        write_model(repository, version)
        found.append(released(store, repository, keep=1))
    for place, release in enumerate(found):
        _age(store, names.release_name(release), 40 - 10 * place)
    for entry in store.entries(names.FILES):
        _age(store, entry.name, 40)
    return found


def _age(store: Store, name: str, days: int) -> None:
    moment = time.time() - days * DAY
    os.utime(Path(store.url) / name, (moment, moment))


def _waste(store: Store, keep: int = 1, days: int = 7, protected: tuple[str, ...] = ()) -> Waste:
    return prune.find(store, keep, timedelta(days=days), protected)


def _ids(waste: Waste) -> set[str]:
    return {release.id for release in waste.releases}


def test_what_is_old_and_unused_goes(store: Store, three: list[str], tmp_path: Path) -> None:
    """Finding deletes nothing; deleting takes older releases and their own files, and what is left is whole."""
    newest = three[-1]
    waste = _waste(store)
    assert _ids(waste) == set(three[:2])
    assert verify_store(store, None, lambda _: None).releases == 3
    assert prune.delete(store, waste) == waste
    verdict = verify_store(store, None, lambda _: None)
    assert (verdict.releases, verdict.faults) == (1, [])
    assert len(list(store.entries(names.FILES))) == verdict.files
    pulled(store, newest, tmp_path / "target")


def test_what_is_kept(store: Store, three: list[str]) -> None:
    """The newest, the young, the tagged and the protected stay."""
    assert _ids(_waste(store, keep=3)) == set()
    assert _ids(_waste(store, days=35)) == {three[0]}
    assert _ids(_waste(store, days=50)) == set()
    for release in three:
        tags.move(store, f"pool-{three.index(release)}", release)
    assert _ids(_waste(store)) == set()
    for release in three:
        tags.delete(store, f"pool-{three.index(release)}")
    assert _ids(_waste(store, protected=tuple(three))) == set()


def test_files_of_a_push_at_work_stay(store: Store, three: list[str]) -> None:
    """Files that no release uses are deleted a day after they came: their release may be on its way."""
    for name, days in (("files/" + "1" * 64, 0), ("files/" + "2" * 64, 2), ("partial/x", 0), ("partial/y", 2)):
        store.put(name, [b"x"])
        _age(store, name, days)
    assert {entry.name for entry in _waste(store, keep=9).files} == {"files/" + "2" * 64, "partial/y"}


def test_what_is_tagged_meanwhile_stays(store: Store, three: list[str]) -> None:
    """A release that is touched between finding and deleting keeps its document and all its files."""
    waste = _waste(store)
    spared = waste.releases[0].id
    store.touch(names.release_name(spared))
    assert spared not in _ids(prune.delete(store, waste))
    assert verify_store(store, spared, lambda _: None).faults == []


def test_what_is_pushed_meanwhile_stays(store: Store, three: list[str], repository: Path) -> None:
    """A push that finds its files between finding and deleting keeps them."""
    waste = _waste(store)
    write_model(repository, 6)
    spared = released(store, repository, keep=9)
    prune.delete(store, waste)
    assert verify_store(store, spared, lambda _: None).faults == []


def test_nothing_is_pruned_blindly(store: Store, three: list[str]) -> None:
    """With a document that cannot be read, nobody knows which files are used."""
    store.write(names.release_name("f" * 16), b"garbage", None)
    with pytest.raises(IntegrityError, match="1 release documents cannot be read"):
        _waste(store)


def test_shared_files_stay(store: Store, three: list[str]) -> None:
    """Files of a deleted release that another one uses, configs and labels, are not deleted."""
    prune.delete(store, _waste(store))
    (left,) = catalog.load_all(store).releases
    assert any(file.path == f"{MODEL}/config.pbtxt" for file in left.files)
    assert verify_store(store, left.id, lambda _: None).faults == []
