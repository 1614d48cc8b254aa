"""`scoring bench` as a user types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from loadtest.commands import app
from loadtest.report import Report, store
from loadtest.table import markdown


def test_markdown_prints_the_latest_report(report: Report, tmp_path: Path) -> None:
    """Nothing but tables goes to standard output."""
    store(report, tmp_path / "standing")
    done = CliRunner().invoke(app, ["--markdown", "--output", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (0, markdown(report))


def test_markdown_without_a_report_says_what_to_do(tmp_path: Path) -> None:
    """Exit code 2, one line and a hint."""
    done = CliRunner().invoke(app, ["--markdown", "--output", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "measure first: scoring bench" in done.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [([], "convert faq"), (["--only", "faq"], "convert faq"), (["--only", "images"], "convert resnet152"),
     (["profile"], "convert faq"), (["profile", "images"], "convert resnet152")],
)  # fmt: skip
def test_repository_without_a_model_is_refused(words: list[str], hint: str, tmp_path: Path) -> None:
    """Nothing is started when there is nothing to serve, by benchmark and profile alike."""
    output = [] if "profile" in words else ["--output", str(tmp_path)]
    done = CliRunner().invoke(app, [*words, "--model-repository", str(tmp_path), *output])
    assert done.exit_code == 2
    assert f"scoring {hint}" in done.stderr


def test_options_before_a_benchmark_are_refused(tmp_path: Path) -> None:
    """They would be ignored: a run in another folder than the one that was asked for."""
    done = CliRunner().invoke(app, ["--output", "elsewhere", "overhead", "--model-repository", str(tmp_path)])
    assert done.exit_code == 2
    assert "scoring bench overhead --output" in " ".join(done.stderr.split())
