"""Hostile and broken files give findings, quickly, and never a traceback."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.checks import gateway, gateway_pods
from doctor.examination import admit, examine
from doctor.manifests import documents
from doctor.register import CHECKS
from tests.doctor.healthy import AMX, diagnose, faults, manifests, write_repository
from tests.doctor.planting import CONFIG, FAQ, IMAGES, QUESTIONS

# All but those that start a process.
QUICK = [check for check in CHECKS if check not in {gateway.settings, gateway_pods.pod_settings}]
EVIL = [
    b"",
    b"\0" * 100,
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"NaN",
    b"[]",
    b"null",
    b'{"largest_difference": 1e999, "tolerance": "x", "entries": [], "digest": 5, "classes": {}}',
    b"name { name { name {",
    b"max_batch_size: 99999999999999999999999999",
    b'default_model_filename: "\\000/../../../etc/passwd" output { label_filename: "\\000" dims: 0 }',
    b'default_model_filename: "' + b"a" * 5000 + b'"',
    b"model_warmup { inputs { key: 'x' value { dims: -5 } } } instance_group { count: -3 kind: 7 }",
    b'parameters { key: "intra_op_thread_count" value { string_value: "999999999999999999999999" } }',
]
FILES = [CONFIG, FAQ, "resnet152/labels.txt", f"{IMAGES}/model.onnx", f"{IMAGES}/labels.txt"]
FILES += [f"{QUESTIONS}/{name}" for name in ("model.json", "parity.json", "catalog.jsonl")]
BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nkind: [*c, *c]\n"


def look(repository: Path, *manifests: Path) -> set[str]:
    """Ids of what is found."""
    return faults(examine(admit(repository, manifests, AMX, None, {}), QUICK))


@pytest.mark.parametrize("name", FILES)
def test_evil_content_is_survived(tmp_path: Path, name: str) -> None:
    """Any file of the repository may hold anything, and it is noticed."""
    repository = write_repository(tmp_path)
    for content in EVIL:
        (repository / name).write_bytes(content)
        assert look(repository), content[:40]


def test_evil_files_are_survived(tmp_path: Path) -> None:
    """Loops of links, pipes, folders in the place of files, files in the place of folders."""
    repository = write_repository(tmp_path / "models")
    (repository / "loop").symlink_to(repository / "loop")
    (repository / "around").symlink_to(repository)
    (repository / "resnet152/5").symlink_to(repository / "resnet152")
    for name in (CONFIG, f"{QUESTIONS}/model.onnx"):
        (repository / name).unlink()
    os.mkfifo(repository / CONFIG)
    (repository / QUESTIONS / "model.onnx").mkdir()
    (repository / "resnet152/configs/x.pbtxt").mkdir()
    assert {"config-readable", "onnx-readable"} <= look(repository)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (BOMB, "alias"),
        ("[" * 1000, "levels"),
        ("a: !!python/object/apply:os.system [id]", "not YAML"),
        ("a: [", "not YAML"),
        ("kind: \0", "not YAML"),
        ("2020-99-99", "not YAML"),
        ("x", "no Kubernetes object"),
        ("", "holds no Kubernetes object"),
        ("? {a: b}\n: c\n", "not YAML"),
    ],
)
def test_evil_yaml_is_refused(tmp_path: Path, content: str, word: str) -> None:
    """What could cost a lot, or run code, is not read."""
    path = tmp_path / "evil.yaml"
    path.write_text(content)
    found = documents.read([path])
    assert not found.resources
    assert word in found.unreadable[0].reason


def test_names_that_are_no_text_are_survived(tmp_path: Path) -> None:
    """Of a damaged model, Protobuf returns them as bytes."""
    repository = write_repository(tmp_path)
    path = repository / IMAGES / "model.onnx"
    path.write_bytes(path.read_bytes().replace(b"probabilities", b"probabilit\xffes"))
    assert "onnx-readable" in look(repository)


def test_huge_files_are_not_read(tmp_path: Path) -> None:
    """A manifest of more than 4 MiB is none."""
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(documents.LARGEST + 1)
    assert "more than" in documents.read([path]).unreadable[0].reason


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(
    ["100%", "500m", "$(X)", "'", "/", "tritonserver", "gateway", "--port", "4Gi", "latest", 10**400]
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all that is within nested data."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(each for key, inner in pairs for each in places(inner, (*path, key)))]


@given(st.data())
@settings(max_examples=60)
def test_any_manifest_is_survived(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever stands in the place of whatever, every check goes on."""
    found: Any = manifests()
    for _ in range(3):
        *way, last = data.draw(st.sampled_from(places(found)))
        inner = found
        for key in way:
            inner = inner[key]
        inner[last] = data.draw(VALUES)
    folder = tmp_path_factory.mktemp("evil")
    (folder / "all.yaml").write_text(yaml.safe_dump_all(found))
    look(folder, folder / "all.yaml")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=60)
def test_any_config_is_survived(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a config holds."""
    folder = tmp_path_factory.mktemp("evil")
    (folder / "model/1").mkdir(parents=True)
    (folder / "model/config.pbtxt").write_bytes(content)
    (folder / "model/1/model.onnx").write_bytes(content)
    assert look(folder)


def test_control_characters_are_not_printed(tmp_path: Path) -> None:
    """What a file says cannot move the cursor of who reads about it."""
    repository = write_repository(tmp_path)
    (repository / CONFIG).write_text('name: "\\033[2J\\007" backend: "\\033]0;x"')
    assert all(text.isprintable() for each in diagnose(repository).findings for text in (each.problem, each.advice))
