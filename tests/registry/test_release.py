"""Releases and their documents; a store may be hostile."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry import names
from registry.errors import IntegrityError
from registry.release import MOST_FILES, Origin, Release, decode, encode, listing
from tests.registry.models import MODEL
from tests.registry.releasing import release_of

HASH = "0" * 64
GOOD = {"path": f"{MODEL}/1/model.onnx", "size": 1, "sha256": HASH}


def document(*files: dict[str, Any], **fields: Any) -> tuple[bytes, str]:
    """A document as anybody may write it, and the id that its listing has."""
    lines = "".join(f"{file.get('sha256')}  {file.get('path')}\n" for file in files)
    content = json.dumps({"format": 1, "files": list(files), "origin": {}} | fields)
    return content.encode(), hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def test_a_release_survives_its_document(repository: Path) -> None:
    """What was encoded is decoded again, with the same id."""
    release = release_of(repository)
    assert decode(encode(release), release.id) == release


def test_the_id_is_what_sha256sum_says(repository: Path) -> None:
    """An id needs no tool of ours: it begins the hash of the files' hashes."""
    release = release_of(repository)
    paths = [file.path for file in release.files]
    sums = subprocess.run(["sha256sum", *paths], cwd=repository, capture_output=True, text=True, check=True).stdout
    assert sums == listing(release.files)
    assert hashlib.sha256(sums.encode()).hexdigest().startswith(release.id)


def test_the_id_is_of_the_content_alone(repository: Path) -> None:
    """Who pushes, when and with which message changes no id; a changed byte does."""
    release = release_of(repository, message="one")
    assert release.id == Release(release.files, Origin(created="2020", by="somebody")).id
    (repository / MODEL / "labels.txt").write_text("other\n")
    assert release_of(repository).id != release.id


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x/model.onnx",
        f"{MODEL}/../../x",
        f"{MODEL}/./x",
        f"{MODEL}//x",
        f"{MODEL}/.hidden",
        ".git/config",
        "alone.txt",
        f"{MODEL}/1\\x",
        f"{MODEL}/a\nb",
        f"{MODEL}/a b",
        f"{MODEL}/\x1b[31m",
        f"{MODEL}/{'x' * 300}",
        "/".join("abcdefghij"),
        f"{MODEL}/",
        "",
    ],
)
def test_paths_that_leave_their_folder_are_refused(path: str) -> None:
    """A path is of plain names within a model's folder, whatever a store says."""
    content, release = document(GOOD | {"path": path})
    with pytest.raises(IntegrityError):
        decode(content, release)


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        ([GOOD, GOOD], {}),
        ([GOOD | {"path": f"{MODEL}/b"}, GOOD | {"path": f"{MODEL}/a"}], {}),
        ([GOOD | {"path": f"{MODEL}/a"}, GOOD | {"path": f"{MODEL}/a/b"}], {}),
        ([GOOD | {"path": f"{MODEL}/a"}, GOOD | {"path": f"{MODEL}/a/b/c"}], {}),
        ([GOOD | {"size": -1}], {}),
        ([GOOD | {"size": 1 << 62}], {}),
        ([GOOD | {"path": f"{MODEL}/{number}", "size": 64 << 30} for number in range(1, 10)], {}),
        ([GOOD | {"sha256": "../../etc"}], {}),
        ([GOOD | {"sha256": HASH + "\n"}], {}),
        ([], {}),
        ([GOOD], {"format": 2}),
        ([GOOD], {"origin": {"message": "\x1b]0;title\x07"}}),
        ([GOOD], {"origin": {"libraries": {"x": {"y": "\x1b[2J"}}}}),
        ([GOOD], {"origin": {"message": "x" * 5000}}),
        ([GOOD | {"path": f"{MODEL}/{number:05}"} for number in range(MOST_FILES + 1)], {}),
    ],
)
def test_documents_out_of_bounds_are_refused(files: list[dict[str, Any]], fields: dict[str, Any]) -> None:
    """Files come in order, once each, in bounded sizes and numbers; notes hold nothing that moves a terminal."""
    content, release = document(*files, **fields)
    with pytest.raises(IntegrityError):
        decode(content, release)


def test_another_releases_document_is_refused() -> None:
    """A document that was put under another id is not taken for it."""
    content, _ = document(GOOD)
    with pytest.raises(IntegrityError, match="lists the files of"):
        decode(content, "0" * 16)


@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"files": null}')
@example(b"\xff")
def test_garbage_is_refused(content: bytes) -> None:
    """Whatever lies where a document should be, the answer is an IntegrityError."""
    with pytest.raises(IntegrityError):
        decode(content, "0" * 16)


@given(st.lists(st.one_of(st.text(max_size=30), st.from_regex(r"[a-z./]{1,20}")), min_size=1, max_size=4))
def test_no_path_that_is_taken_leaves_the_folder(paths: list[str]) -> None:
    """Whatever a document is let through with, each file lies within a model's folder, and none is hidden."""
    content, release = document(*({"path": path, "size": 1, "sha256": HASH} for path in sorted(set(paths))))
    try:
        taken = decode(content, release)
    except IntegrityError:
        return
    root = Path("/target")
    for file in taken.files:
        parts = (root / file.path).resolve().relative_to(root).parts
        assert "/".join(parts) == file.path
        assert len(parts) > 1
        assert not any(part.startswith(".") for part in parts)


@pytest.mark.parametrize(
    ("path", "part", "version"),
    [
        ("m/config.pbtxt", names.Part.DOCUMENT, None),
        ("m/configs/gpu.pbtxt", names.Part.DOCUMENT, None),
        ("m/labels.txt", names.Part.DOCUMENT, None),
        ("m/1/model.onnx", names.Part.MODEL, 1),
        ("m/12/weights.bin", names.Part.MODEL, 12),
        ("m/1/assets/vocabulary.txt", names.Part.DOCUMENT, 1),
        ("m/1/pipeline.skops", names.Part.TRAINING, 1),
        ("m/01/model.onnx", names.Part.DOCUMENT, None),
    ],
)
def test_what_a_file_is_for(path: str, part: names.Part, version: int | None) -> None:
    """Its name tells whether a gateway, Triton or a converter needs it, and which version it belongs to."""
    assert (names.part(path), names.version(path)) == (part, version)
