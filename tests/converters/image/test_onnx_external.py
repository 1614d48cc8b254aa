"""External data: taken in from the model's own folder, and from nowhere else."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from converters.errors import ModelError
from converters.image import onnx_source
from converters.image.onnx_check import read
from converters.image.onnx_external import take_in
from tests.converters.image.onnx_files import classifier

SECRET = b"secret" * 200_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model with external data in a folder of its own, and a secret beside that folder."""
    inside = tmp_path / "models"
    inside.mkdir()
    (tmp_path / "secret.bin").write_bytes(SECRET)
    onnx.save(
        classifier(), inside / "mine.onnx", save_as_external_data=True, location="weights.bin", size_threshold=100
    )
    return inside


def test_external_data_are_taken_in(folder: Path) -> None:
    """The model that comes out needs no other file and has the same values."""
    core = onnx_source.load(folder / "mine.onnx", "torch")
    assert not any(external_data_helper.uses_external_data(tensor) for tensor in core.model.graph.initializer)
    kernel = next(tensor for tensor in core.model.graph.initializer if tensor.name == "kernel")
    expected = next(tensor for tensor in classifier().graph.initializer if tensor.name == "kernel")
    np.testing.assert_array_equal(numpy_helper.to_array(kernel), numpy_helper.to_array(expected))


def test_subfolders_are_inside(folder: Path) -> None:
    """Data may lie deeper in the folder."""
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "weights.bin").rename(folder / "deep" / "er" / "weights.bin")
    _relocate(folder, "deep/er/weights.bin")
    assert read(folder / "mine.onnx").graph.initializer[0].raw_data


def _tensor(model: onnx.ModelProto) -> onnx.TensorProto:
    return next(tensor for tensor in model.graph.initializer if external_data_helper.uses_external_data(tensor))


def _relocate(folder: Path, location: str, **entries: str) -> None:
    model = onnx.load(folder / "mine.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        if external_data_helper.uses_external_data(tensor):
            kept = {entry.key: entry.value for entry in tensor.external_data} | {"location": location} | entries
            del tensor.external_data[:]
            for key, value in kept.items():
                tensor.external_data.add(key=key, value=value)
    onnx.save(model, folder / "mine.onnx")


OUTSIDE = [
    "../secret.bin",
    "deep/../../secret.bin",
    "/etc/passwd",
    "..",
    "",
    ".",
    "..\\secret.bin",
    "weights.bin\0.bin",
]


@pytest.mark.parametrize("location", OUTSIDE)
def test_refuses_other_folders(folder: Path, location: str) -> None:
    """No path leads out of the folder, whatever it is made of, and no byte from there comes in."""
    _relocate(folder, location)
    with pytest.raises(ModelError, match=r"external data (lie outside|are missing)"):
        read(folder / "mine.onnx")


def _link(folder: Path) -> str:
    (folder / "link.bin").symlink_to(folder.parent / "secret.bin")
    return "link.bin"


def _linked_folder(folder: Path) -> str:
    (folder / "link").symlink_to(folder.parent)
    return "link/secret.bin"


def _pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe")
    return "pipe"


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (_link, "through a symbolic link: 'link.bin'"),
        (_linked_folder, "through a symbolic link: 'link/secret.bin'"),
        (_pipe, "are missing: 'pipe'"),
        (lambda folder: "missing.bin", "are missing: 'missing.bin'"),
    ],
)
def test_refuses_links_and_what_is_no_file(folder: Path, prepare: Callable[[Path], str], message: str) -> None:
    """Links lead out of the folder, pipes never end."""
    _relocate(folder, prepare(folder))
    with pytest.raises(ModelError, match=message):
        read(folder / "mine.onnx")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"length": str(2**31)}, "end at byte 2,147,483,648, the file at"),
        ({"offset": str(10**30)}, "the file at"),
        ({"offset": "-1"}, "have no numbers for offset and length"),
        ({"length": "many"}, "have no numbers for offset and length"),
        ({"length": "8"}, "no valid ONNX model"),
    ],
)
def test_refuses_lengths_that_are_not_the_files(folder: Path, entries: dict[str, str], message: str) -> None:
    """A tiny file that claims gigabytes, or gives a tensor too few bytes, is refused."""
    _relocate(folder, "weights.bin", **entries)
    with pytest.raises(ModelError, match=message):
        read(folder / "mine.onnx")


def test_refuses_a_thousandfold_use_of_one_file(tmp_path: Path) -> None:
    """Ten thousand tensors that all read the same megabyte would fill ten gigabytes: refused before reading."""
    (tmp_path / "one.bin").write_bytes(b"\0" * 2**20)
    tensors = []
    for number in range(10_000):
        tensor = TensorProto(name=f"t{number}", data_type=TensorProto.UINT8, dims=[2**20])
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="one.bin")
        tensors.append(tensor)
    model = helper.make_model(helper.make_graph([], "many", [], [], tensors))
    with pytest.raises(ModelError, match="its external data have 10,485,760,000 bytes, more than 2,147,483,647"):
        take_in(model, tmp_path)


def test_finds_external_data_wherever_they_hide(folder: Path) -> None:
    """An attribute of a node inside a branch can name a file too."""
    hidden = TensorProto(name="hidden", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    hidden.external_data.add(key="location", value="../secret.bin")
    branch = helper.make_graph([helper.make_node("Constant", [], ["y"], value=hidden)], "branch", [], [])
    model = classifier()
    model.graph.node.append(helper.make_node("If", ["flag"], ["unused"], then_branch=branch, else_branch=branch))
    with pytest.raises(ModelError, match=r"outside the model's folder: '../secret.bin'"):
        take_in(model, folder)
