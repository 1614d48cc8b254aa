"""`scoring bench` as a user types it."""

from pathlib import Path

from typer.testing import CliRunner

from loadtest import plot
from loadtest.commands import app
from loadtest.report import Report, store
from loadtest.table import markdown


def test_markdown_prints_the_latest_report(report: Report, tmp_path: Path) -> None:
    """Nothing but the table goes to standard output."""
    store(report, tmp_path)
    done = CliRunner().invoke(app, ["--markdown", "--output", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (0, markdown(report))


def test_markdown_without_a_report_says_what_to_do(tmp_path: Path) -> None:
    """Exit code 2, one line and a hint."""
    done = CliRunner().invoke(app, ["--markdown", "--output", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "measure first: scoring bench" in done.stderr


def test_repository_without_a_model_is_refused(tmp_path: Path) -> None:
    """Nothing is started when there is nothing to serve, by the benchmark and the profile alike."""
    for words in ([], ["profile"]):
        done = CliRunner().invoke(app, [*words, "--model-repository", str(tmp_path)])
        assert done.exit_code == 2
        assert "scoring convert faq" in done.stderr


def test_plot_is_a_picture(report: Report, tmp_path: Path) -> None:
    """The plot of a report is a PNG of some size."""
    plot.save(report, tmp_path / plot.FILE)
    content = (tmp_path / plot.FILE).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 20_000
