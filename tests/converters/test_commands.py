"""`scoring convert faq` and `scoring evaluate faq` as an operator runs them."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from converters import commands, evaluate_commands
from converters.faq.dataset import load_dataset
from converters.faq.dataset_writer import write_dataset
from scoring import app

runner = CliRunner()


def _convert(data: Path, repository: Path, *more: str) -> tuple[int, str]:
    result = runner.invoke(commands.app, ["faq", "--data", str(data), "--repository", str(repository), *more])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def repository(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with one published version of the small FAQ."""
    folder = tmp_path_factory.mktemp("repository")
    code, output = _convert(small_folder, folder, "--top-k", "5")
    assert code == 0, output
    return folder


def test_version_is_complete(repository: Path) -> None:
    """A published version holds the model, its proof, its catalog, its card and the pipeline to extend."""
    version = repository / "faq_matcher" / "1"
    names = {"model.onnx", "parity.json", "catalog.jsonl", "model.json", "pipeline.skops"}
    assert {path.name for path in version.iterdir()} == names
    card = json.loads((version / "model.json").read_text())
    assert (card["entries"], card["top_k"], card["version"]) == (12, 5, 1)
    assert json.loads((version / "parity.json").read_text())["largest_difference"] <= 1e-5
    lines = [json.loads(line) for line in (version / "catalog.jsonl").read_text().splitlines()]
    assert card["golden"]["id"] in {line["id"] for line in lines}
    assert set(lines[0]) == {"id", "question", "answer_id", "answer"}


def test_same_inputs_make_no_second_version(small_folder: Path, repository: Path) -> None:
    """Nothing is exported twice unless its inputs changed."""
    code, output = _convert(small_folder, repository, "--top-k", "5")
    assert code == 0
    assert "up to date" in output
    assert not (repository / "faq_matcher" / "2").exists()


def test_evaluation_is_printed_and_written(small_folder: Path, repository: Path, tmp_path: Path) -> None:
    """Every figure is printed and stored beside a plot."""
    shutil.copy(small_folder / "duplicates.tsv", tmp_path / "asked.tsv")
    arguments = ["--repository", str(repository), "--data", str(small_folder)]
    arguments += ["--test", str(tmp_path / "asked.tsv"), "--out", str(tmp_path / "out")]
    result = runner.invoke(evaluate_commands.app, ["faq", *arguments])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    names = {"accuracy@1", "accuracy@2", "accuracy@3", "mean_rank", "mean_reciprocal_rank"}
    assert names | {"expected_calibration_error", "n"} <= set(report)
    assert all(name in result.output for name in names)
    assert report["accuracy@1"] > 0.9  # it has learnt these questions
    assert (tmp_path / "out" / "evaluation.png").exists()


def test_extension_adds_entries(small_folder: Path, tmp_path: Path) -> None:
    """`--extend` publishes a version with the new entry; a data set that lacks a known entry is refused."""
    whole = load_dataset(small_folder)
    first, second = whole.entries[:-1], whole.entries
    for name, entries in (("first", first), ("second", second)):
        answers = {entry.answer_id for entry in entries}
        kept = tuple(item for item in whole.duplicates if item.answer_id in answers)
        write_dataset(tmp_path / name, type(whole)(entries, kept))
    assert _convert(tmp_path / "first", tmp_path / "repository")[0] == 0
    code, output = _convert(tmp_path / "second", tmp_path / "repository", "--extend")
    assert code == 0, output
    assert json.loads((tmp_path / "repository/faq_matcher/2/model.json").read_text())["entries"] == len(second)
    code, output = _convert(tmp_path / "first", tmp_path / "repository", "--extend")
    assert code == 2
    assert "lacks 1 entries" in output


def test_bad_data_leaves_the_repository_alone(small_folder: Path, tmp_path: Path) -> None:
    """A data set without a needed column ends with exit code 2, one line, a hint, and no trace in the repository."""
    broken = tmp_path / "broken"
    shutil.copytree(small_folder, broken)
    (broken / "questions.tsv").write_text("Id\tText0\n1\tx\n")
    code, output = _convert(broken, tmp_path / "repository")
    assert code == 2
    assert "AnswerId" in output
    assert "hint:" in output
    assert not (tmp_path / "repository").exists()


def test_evaluating_an_empty_repository(tmp_path: Path) -> None:
    """Without a version the command says how to make one."""
    result = runner.invoke(evaluate_commands.app, ["faq", "--repository", str(tmp_path)])
    assert result.exit_code == 2
    assert "scoring convert faq" in result.output


def test_help_lists_the_sub_commands() -> None:
    """`scoring --help` names every sub-command without importing any of them."""
    result = runner.invoke(app, ["--help"])
    assert result.exit_code == 0
    assert all(name in result.output for name in ("serve", "gateway", "convert", "evaluate", "dataset", "bench"))
