"""The digest: whatever changes the outcome changes it, nothing else does, and finding it is quick."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from converters.errors import DatasetError, WeightsError
from converters.image.digest import digest, libraries
from converters.image.options import Options
from tests.converters.image.networks import Weights, graph


def test_same_inputs_have_one_digest(tmp_path: Path, photo_folder: Path) -> None:
    """A checkpoint counts with its content, wherever it lies; thresholds, force and cores change no outcome."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.pth").write_bytes(b"weights")
    options = Options(precision="int8", calibration=photo_folder)
    others = [options, replace(options, force=True, least_agreement=0.5, cores=8, seed=5)]
    found = {digest(other, str(tmp_path / folder / "mine.pth")) for other in others for folder in "ab"}
    assert len(found) == 1


def test_other_inputs_have_others(tmp_path: Path, photo_folder: Path) -> None:
    """Weights, their content and name, seed, framework, precision, pictures, file, preprocessing and resizing."""
    first, second = tmp_path / "first.pth", tmp_path / "second.pth"
    first.write_bytes(b"weights")
    second.write_bytes(b"weights")
    changed = digest(Options(), str(first))
    first.write_bytes(b"others")
    asked = [
        (Options(), "untrained"),
        (Options(seed=1), "untrained"),
        (Options(framework="keras"), "untrained"),
        (Options(precision="fp16"), "untrained"),
        (Options(precision="fp16", calibration=photo_folder), "untrained"),
        (Options(), "imagenet"),
        (Options(), "imagenet-v1"),
        (Options(), "https://example.org/mine.pth"),
        (Options(), str(first)),
        (Options(), str(second)),
        (Options(onnx=first, preprocess="torch"), ""),
        (Options(onnx=first, preprocess="keras-tf"), ""),
        (Options(onnx=first, preprocess="torch", resize=300), ""),
    ]
    assert len({changed, *(digest(options, weights) for options, weights in asked)}) == len(asked) + 1


def test_tensors_beside_an_onnx_file_count_with_it(tmp_path: Path) -> None:
    """A file with external data is another one when they change, though it names them with the same bytes."""
    path, options = tmp_path / "net.onnx", Options(onnx=tmp_path / "net.onnx", preprocess="torch")
    model = graph(Weights())
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    before, written = digest(options, ""), path.read_bytes()
    (tmp_path / "unrelated.bin").write_bytes(b"other")
    assert digest(options, "") == before
    data = bytearray((tmp_path / "weights.bin").read_bytes())
    data[0] ^= 1
    (tmp_path / "weights.bin").write_bytes(data)
    assert path.read_bytes() == written
    assert digest(options, "") != before


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing checkpoint, a folder in its place, a missing folder of pictures."""
    for path in (tmp_path / "missing.pth", tmp_path):
        with pytest.raises(WeightsError, match=f"cannot read {path}"):
            digest(Options(), str(path))
    with pytest.raises(DatasetError, match="is not a folder"):
        digest(Options(precision="fp16", calibration=tmp_path / "photos"), "untrained")


def test_libraries_are_those_of_the_source() -> None:
    """Versions that the outcome depends on, and none of a framework that has no part in it."""
    assert {"torch", "onnxscript", "onnx"} <= set(libraries("torch"))
    assert "tensorflow-cpu" in libraries("keras")
    assert not {"torch", "keras"} & set(libraries("onnx"))


def test_no_framework_is_imported_to_find_that_nothing_is_to_be_done() -> None:
    """The command line, the digest and the newest version's card need neither torch nor TensorFlow nor scikit-learn."""
    code = (
        "import sys, converters.commands\n"
        "from converters.image.digest import digest\n"
        "from converters.image.options import Options\n"
        "digest(Options(), 'untrained')\n"
        "heavy = {'torch', 'tensorflow', 'keras', 'sklearn', 'skl2onnx', 'onnxruntime'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (0, "")
