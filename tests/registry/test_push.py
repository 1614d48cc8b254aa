"""From a model repository into a store."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from registry import catalog, certificate, names
from registry.errors import IntegrityError, RefusedError, RegistryError
from registry.push import Pushed, push, refuse_other_content
from registry.store import Store
from tests.registry.models import MODEL, write_model
from tests.registry.releasing import release_of, released


def pushed(store: Store, repository: Path) -> Pushed:
    """Push a repository."""
    return push(store, repository, release_of(repository), lambda _: None)


def test_the_same_content_is_the_same_release(store: Store, repository: Path) -> None:
    """A second push uploads nothing and leaves the first one's document."""
    first = pushed(store, repository)
    document = store.read(names.release_name(first.release), 100_000)
    second = pushed(store, repository)
    assert (first.new, second.new) == (True, False)
    assert (second.release, second.uploaded, second.present) == (first.release, 0, first.uploaded)
    assert store.read(names.release_name(first.release), 100_000).content == document.content


def test_only_what_is_missing_is_uploaded(store: Store, repository: Path) -> None:
    """A new version costs its own files."""
    first = pushed(store, repository)
    write_model(repository, 3, weights=5000)
    second = pushed(store, repository)
    assert 5000 < second.uploaded < 8000
    assert second.present == first.uploaded


def test_an_interrupted_push_goes_on(store: Store, repository: Path) -> None:
    """A push that fails leaves no release, and the next one uploads the rest."""
    release = release_of(repository)
    (repository / MODEL / "2" / "model.onnx").write_bytes(b"other")
    with pytest.raises(RefusedError, match="changed while it was pushed"):
        push(store, repository, release, lambda _: None)
    assert catalog.load_all(store).releases == []
    (repository / MODEL / "2" / "model.onnx").write_bytes(bytes([2]) * 3000)
    assert pushed(store, repository).release == release.id
    assert [each.id for each in catalog.load_all(store).releases] == [release.id]


def test_what_belongs_to_a_release(repository: Path) -> None:
    """Configs, labels and the newest versions do; staging folders, hidden files and models without a version do not."""
    model = repository / MODEL
    shutil.copytree(model / "2", model / ".staging-3-77")
    (model / "1" / ".nfs1").write_text("x")
    (model / "configs" / "notes.md").write_text("x")
    (repository / "unfinished").mkdir()
    (repository / "unfinished" / "config.pbtxt").write_text("")
    (repository / "README.md").write_text("x")
    paths = {file.path for file in release_of(repository, keep=1).files}
    version = {"catalog.jsonl", "model.json", "model.onnx", "parity.json", "pipeline.skops"}
    expected = {"config.pbtxt", "configs/gpu.pbtxt", "labels.txt"} | {f"2/{name}" for name in version}
    assert paths == {f"{MODEL}/{path}" for path in expected}


def test_versions_are_counted_as_numbers(tmp_path: Path) -> None:
    """The newest of 2, 9 and 10 are 10 and 9; a folder with a leading zero is none."""
    write_model(tmp_path, 2, 9, 10)
    (tmp_path / MODEL / "2").rename(tmp_path / MODEL / "011")
    assert release_of(tmp_path, keep=2).versions == {MODEL: (9, 10)}


def test_links_are_refused(repository: Path) -> None:
    """A link in a model repository may lead anywhere."""
    (repository / MODEL / "1" / "secret.txt").symlink_to("/etc/passwd")
    with pytest.raises(RefusedError, match="symbolic link"):
        release_of(repository)


def test_a_repository_without_models(tmp_path: Path) -> None:
    """There is nothing to release."""
    with pytest.raises(RefusedError, match="no model in"):
        release_of(tmp_path)
    with pytest.raises(RegistryError, match="No such file"):
        release_of(tmp_path / "nowhere")


def test_a_number_names_one_content_for_ever(store: Store, repository: Path) -> None:
    """A version that was released once is not released with other files; the others may be left out or added."""
    released(store, repository)
    write_model(repository, 3)
    shutil.rmtree(repository / MODEL / "1")
    refuse_other_content(store, release_of(repository))
    (repository / MODEL / "2" / "model.onnx").write_bytes(b"trained anew")
    with pytest.raises(RefusedError, match=f"{MODEL}/2 has other files than in release"):
        refuse_other_content(store, release_of(repository))


def test_a_sound_version_has_no_fault(repository: Path) -> None:
    """What `scoring convert` publishes is taken."""
    assert certificate.faults(repository, release_of(repository)) == []


def _card(key: str, value: object) -> Callable[[Path], object]:
    def change(version: Path) -> None:
        card = json.loads((version / "model.json").read_text())
        (version / "model.json").write_text(json.dumps(card | {key: value}))

    return change


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda version: (version / "parity.json").unlink(), "no parity certificate"),
        (lambda version: (version / "parity.json").write_text("{}"), "no parity certificate"),
        (lambda version: (version / "parity.json").write_text("[1]"), "no parity certificate"),
        (
            lambda version: (version / "parity.json").write_text('{"fp32": {"largest_difference": 2, "tolerance": 1}}'),
            "a difference of 2, 1 is allowed",
        ),
        (
            lambda version: (version / "parity.json").write_text('{"largest_difference": NaN, "tolerance": 1}'),
            "a difference of nan",
        ),
        (lambda version: (version / "model.json").unlink(), "model.json is missing"),
        (_card("version", 7), f"model.json is of {MODEL}/7"),
        (_card("labels_sha256", "0" * 64), "labels.txt is not the file"),
        (lambda version: (version / "model.onnx").write_bytes(b""), "no model file"),
        (lambda version: (version / "model.onnx").unlink(), "no model file"),
    ],
)
def test_faults_of_a_version(repository: Path, damage: Callable[[Path], object], fault: str) -> None:
    """A version without its proof, or whose files contradict each other, is named with what is wrong."""
    damage(repository / MODEL / "2")
    (found,) = certificate.faults(repository, release_of(repository))
    assert found.startswith(f"{MODEL}/2: ")
    assert fault in found


def test_a_damaged_file_of_the_store_is_not_built_upon(store: Store, repository: Path) -> None:
    """A file of the wrong size under a hash stops the push."""
    file = release_of(repository).files[0]
    store.put(names.file_name(file.sha256), [b"short"])
    with pytest.raises(IntegrityError, match="has 5 bytes"):
        pushed(store, repository)
