"""Verifying stores and pulled folders, and comparing releases."""

from pathlib import Path

import pytest

from registry import names, tags
from registry.compare import Difference, differences
from registry.errors import RegistryError
from registry.store import Store
from registry.verify import verify_folder, verify_store
from tests.registry.models import MODEL, write_model
from tests.registry.releasing import pulled, release_of, released


def test_all_that_is_wrong_with_a_store(store: Store, repository: Path) -> None:
    """Damaged and missing files, documents that are none and tags that lead nowhere are each named."""
    files = {file.path: names.file_name(file.sha256) for file in release_of(repository).files}
    release = released(store, repository)
    (Path(store.url) / files[f"{MODEL}/1/model.onnx"]).write_bytes(b"x" * 3000)
    (Path(store.url) / files[f"{MODEL}/1/model.json"]).unlink()
    store.write(names.release_name("f" * 16), b"garbage", None)
    tags.move(store, "lost", "e" * 16)
    verdict = verify_store(store, None, lambda _: None)
    assert len(verdict.faults) == 4
    text = "\n".join(verdict.faults)
    assert f"{release}: {MODEL}/1/model.onnx is damaged ({files[f'{MODEL}/1/model.onnx']})" in text
    assert f"{release}: {MODEL}/1/model.json is missing ({files[f'{MODEL}/1/model.json']})" in text
    assert "the document of release ffffffffffffffff is none" in text
    assert "the tag lost points to eeeeeeeeeeeeeeee, which is missing" in text


def test_all_that_is_wrong_with_a_folder(store: Store, repository: Path, tmp_path: Path) -> None:
    """Files that were changed, lost or added since the pull are each named; parts that were not pulled are not."""
    release = released(store, repository)
    pulled(store, release, tmp_path / "target", documents_only=True)
    current = tmp_path / "target" / "current"
    assert verify_folder(current, lambda _: None).faults == []
    (current / MODEL / "labels.txt").write_text("b\na\n")
    (current / MODEL / "1" / "parity.json").unlink()
    (current / MODEL / "3").mkdir()
    (current / MODEL / "3" / "model.onnx").write_text("x")
    assert verify_folder(current, lambda _: None).faults == [
        f"{release}: {MODEL}/1/parity.json is missing",
        f"{release}: {MODEL}/labels.txt is damaged",
        f"{release}: {MODEL}/3/model.onnx does not belong to it",
    ]


@pytest.mark.parametrize("receipt", [None, b"{}", b"garbage"])
def test_a_folder_that_is_no_release(tmp_path: Path, receipt: bytes | None) -> None:
    """Without a receipt nobody knows what should be there."""
    if receipt is not None:
        (tmp_path / ".release.json").write_bytes(receipt)
    with pytest.raises(RegistryError, match="holds no pulled release"):
        verify_folder(tmp_path, lambda _: None)


def test_what_differs_between_releases(repository: Path) -> None:
    """Versions that came, went or changed, and the model's own files, are told apart."""
    old = release_of(repository, keep=2)
    write_model(repository, 3)
    (repository / MODEL / "config.pbtxt").write_text("changed")
    (repository / MODEL / "configs" / "gpu.pbtxt").unlink()
    (repository / MODEL / "configs" / "cpu.pbtxt").write_text("new")
    (repository / MODEL / "2" / "parity.json").write_text("{}")
    new = release_of(repository, keep=2)
    assert differences(old, old) == []
    assert differences(old, new) == [
        Difference(MODEL, "version 1", "removed"),
        Difference(MODEL, "version 2", "changed", (f"{MODEL}/2/parity.json",)),
        Difference(MODEL, "version 3", "added"),
        Difference(MODEL, f"{MODEL}/config.pbtxt", "changed"),
        Difference(MODEL, f"{MODEL}/configs/cpu.pbtxt", "added"),
        Difference(MODEL, f"{MODEL}/configs/gpu.pbtxt", "removed"),
    ]
