"""`scoring bench` as a user types it."""

from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from loadtest import plot
from loadtest.commands import app
from loadtest.faq import benchmark as faq_benchmark
from loadtest.images import benchmark as images_benchmark
from loadtest.report import Report, store
from loadtest.table import markdown

BOTH = [faq_benchmark, images_benchmark]


def test_markdown_prints_the_latest_report(report: Report, image_report: Report, tmp_path: Path) -> None:
    """Nothing but tables goes to standard output: one benchmark's, or both."""
    store(report, tmp_path / "faq")
    store(image_report, tmp_path / "images")
    given = ["--markdown", "--output", str(tmp_path)]
    for words, expected in (
        (["faq", *given], markdown(report)),
        (["images", *given], markdown(image_report)),
        (given, markdown(report) + markdown(image_report)),
    ):
        done = CliRunner().invoke(app, words)
        assert (done.exit_code, done.stdout) == (0, expected)


@pytest.mark.parametrize("words", [["faq"], ["images"], []])
def test_markdown_without_a_report_says_what_to_do(words: list[str], tmp_path: Path) -> None:
    """Exit code 2, one line and a hint."""
    done = CliRunner().invoke(app, [*words, "--markdown", "--output", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "measure first: scoring bench" in done.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [([], "convert faq"), (["faq"], "convert faq"), (["profile"], "convert faq"), (["images"], "convert resnet152"),
     (["profile", "images"], "convert resnet152")],
)  # fmt: skip
def test_repository_without_a_model_is_refused(words: list[str], hint: str, tmp_path: Path) -> None:
    """Nothing is started when there is nothing to serve, by benchmarks and profile alike."""
    done = CliRunner().invoke(app, [*words, "--model-repository", str(tmp_path)])
    assert done.exit_code == 2
    assert f"scoring {hint}" in done.stderr


def test_options_before_a_benchmark_are_refused(tmp_path: Path) -> None:
    """They would be ignored: a long run in place of the quick one that was asked for."""
    done = CliRunner().invoke(app, ["--quick", "images", "--model-repository", str(tmp_path)])
    assert done.exit_code == 2
    assert "scoring bench images --quick" in " ".join(done.stderr.split())


@pytest.mark.parametrize("benchmark", BOTH)
def test_plot_is_a_picture(benchmark: ModuleType, report: Report, image_report: Report, tmp_path: Path) -> None:
    """The plot of a report is a PNG of some size."""
    (shown,) = (each for each in (report, image_report) if each.benchmark == benchmark.NAME)
    plot.save(shown, benchmark.panels(shown), tmp_path / plot.FILE)
    content = (tmp_path / plot.FILE).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 20_000
