"""The life of a release, in a folder and in Azure Blob Storage: pushed, pulled, rolled back, pruned."""

from datetime import timedelta
from pathlib import Path

import pytest

from registry import catalog, names, prune, tags
from registry.errors import IntegrityError, NotFoundError
from registry.store import Store
from registry.verify import verify_folder, verify_store
from tests.registry.models import MODEL, tree, write_model
from tests.registry.releasing import Quiet, pulled, release_of, released


def test_the_life_of_a_release(any_store: Store, repository: Path, tmp_path: Path) -> None:
    """Both stores bear all that is done with releases."""
    store, target = any_store, tmp_path / "target"
    first = released(store, repository, ["live"])
    pulled(store, "live", target)
    write_model(repository, 3)
    second = released(store, repository, ["live"])
    assert [release.id for release in catalog.load_all(store).releases] == [second, first]
    assert pulled(store, "live", target).previous == first
    assert tree(target / "current").keys() == {
        file.path for file in release_of(repository).files if not file.path.endswith(".skops")
    }
    assert verify_store(store, None, lambda _: None).faults == []
    assert verify_folder(target / "current", lambda _: None).faults == []

    assert tags.move(store, "live", first, expected=second) == second
    assert pulled(store, "live", target).folder == first
    assert prune.find(store, 1, timedelta(0), ()).releases == ()  # one is the newest, the other is tagged
    tags.move(store, "live", second)
    assert [release.id for release in prune.delete(store, prune.find(store, 1, timedelta(0), ())).releases] == [first]
    assert [release.id for release in catalog.load_all(store).releases] == [second]
    assert pulled(store, "live", target).folder == second


def test_damage_is_found_and_goes_nowhere(any_store: Store, repository: Path, tmp_path: Path) -> None:
    """A file that is not what its hash says is found by verify, and refused by pull."""
    store = any_store
    damaged = next(file for file in release_of(repository).files if file.path == f"{MODEL}/2/model.onnx")
    store.put(names.file_name(damaged.sha256), [b"y" * damaged.size])
    release = released(store, repository)
    assert verify_store(store, None, lambda _: None).faults == [
        f"{release}: {damaged.path} is damaged ({names.file_name(damaged.sha256)})"
    ]
    with pytest.raises(IntegrityError, match=r"2/model\.onnx is not the file"):
        pulled(store, release, tmp_path / "target")
    assert not (tmp_path / "target" / "current").exists()


def test_a_pull_that_lacks_a_file_goes_on(any_store: Store, repository: Path, tmp_path: Path) -> None:
    """What is missing fails the pull; once it is back, that is downloaded, and what the failure kept from coming."""
    release = released(any_store, repository)
    lost = next(entry for entry in any_store.entries(names.FILES) if entry.size == 3000)
    content = b"".join(any_store.chunks(lost.name, lost.size))
    any_store.delete(lost)
    with pytest.raises(NotFoundError, match="is missing"):
        pulled(any_store, release, tmp_path / "target")
    any_store.put(lost.name, [content])
    watcher = Quiet()
    pulled(any_store, release, tmp_path / "target", watcher)
    assert lost.size <= watcher.downloaded <= release_of(repository).size
    assert verify_folder(tmp_path / "target" / "current", lambda _: None).faults == []
