"""`scoring convert resnet152` as an operator runs it."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

from converters import commands
from converters.image.core import IR_VERSION, OPSET
from converters.image.engines import MODEL
from converters.image.scenes import scenes
from converters.image.session import ImageSession
from tests.converters.image.networks import Weights, graph

runner = CliRunner()


def _convert(repository: Path, *arguments: str) -> tuple[int, str]:
    """Exit code, and both streams."""
    result = runner.invoke(commands.app, ["resnet152", "--repository", str(repository), *arguments])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def own_file(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Arguments that name a user's ONNX file."""
    path = tmp_path_factory.mktemp("own") / "mine.onnx"
    onnx.save(graph(Weights(), softmax=True), path)
    return ["--onnx", str(path), "--preprocess", "torch"]


def test_whole_network_is_exported(resnet152_repository: Path) -> None:
    """One file of 60 million parameters that Triton's ONNX Runtime reads, right at every size of batch."""
    version = resnet152_repository / MODEL / "1"
    model = onnx.load(version / "model.onnx", load_external_data=False)
    parameters = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
    assert 60_000_000 < parameters < 60_400_000
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert model.ir_version <= IR_VERSION
    assert [item.version for item in model.opset_import if item.domain in {"", "ai.onnx"}] == [OPSET]
    proof = json.loads((version / "parity.json").read_text())["fp32"]
    assert (proof["batches"], proof["identical_top_5"]) == ([1, 2, 3, 7, 32], 1)
    answers = ImageSession(version / "model.onnx")(scenes(3))
    assert len(set(answers.argmax(axis=1))) > 1


def test_second_run_says_that_nothing_is_to_be_done(resnet152_repository: Path) -> None:
    """And warns of random weights again: nobody may take them for real."""
    code, output = _convert(resnet152_repository, "--weights", "untrained")
    assert code == 0
    assert "1 is up to date: none of its inputs has changed; fp32, weights untrained (torch)" in output
    assert "warning: random weights" in output


def test_an_own_file_is_published(own_file: list[str], tmp_path: Path) -> None:
    """The last line says where, how large, how long, how exact, in which precision, with which weights."""
    code, output = _convert(tmp_path, *own_file, "--resize", "250")
    assert code == 0, output
    line = output.strip().splitlines()[-1]
    for part in (
        f"{tmp_path / MODEL / '1'}: ",
        " MB in ",
        " s; fp32, weights mine.onnx (onnx); logits differ",
        "at most",
    ):
        assert part in line
    assert "warning" not in output
    assert json.loads((tmp_path / MODEL / "1" / "model.json").read_text())["preprocessing"]["resize"] == 250


def test_int8_reports_its_agreement(own_file: list[str], tmp_path: Path, photo_folder: Path) -> None:
    """Agreement and files that are no pictures are printed."""
    asked = [*own_file, "--precision", "int8", "--calibration", str(photo_folder), "--least-agreement", "0.5"]
    code, output = _convert(tmp_path, *asked)
    assert code == 0, output
    assert "of 30 pictures keep fp32's best class" in output
    assert "1 files are no pictures that can be read, and were passed over: notes.txt" in output


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--weights", "missing.pth"], "cannot read missing.pth"),
        (["--onnx", "missing.onnx", "--preprocess", "torch"], "cannot read missing.onnx"),
        (["--onnx", "x.onnx", "--framework", "torch"], "--onnx and --framework exclude each other"),
        (["--precision", "int8"], "--precision int8 needs --calibration"),
        (["--precision", "int8", "--calibration", "missing"], "missing is not a folder"),
        (["--precision", "int4"], "int4"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, arguments: list[str], fault: str) -> None:
    """Exit code 2, the fault, and no trace in the repository."""
    code, output = _convert(tmp_path, *arguments)
    assert code == 2
    assert fault in output
    assert "Traceback" not in output
    assert list(tmp_path.iterdir()) == []


def test_help_teaches() -> None:
    """Every option is explained, with examples to copy."""
    result = runner.invoke(commands.app, ["resnet152", "--help"])
    assert result.exit_code == 0
    for part in ("--weights", "--calibration", "--least-agreement", "scoring convert resnet152 --onnx mine.onnx"):
        assert part in result.output
