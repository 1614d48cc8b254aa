"""README shows the reports of docs."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from loadtest.errors import LoadTestError
from loadtest.published import app, current, names
from loadtest.report import LATEST, Report, store
from loadtest.table import figures, notes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def docs(report: Report, tmp_path: Path) -> Path:
    """A folder with the report of a benchmark."""
    folder = tmp_path / "docs"
    store(report, folder)
    (folder / LATEST).rename(folder / "benchmark.json")
    return folder


def test_readme_is_current() -> None:
    """What it shows is what its reports hold; `make figures` makes it so."""
    readme = (ROOT / "README.md").read_text()
    assert {"benchmark", "overload"} <= {*names(readme)}
    assert current(readme, ROOT / "docs") == readme


def test_block_is_replaced_and_all_else_kept(report: Report, docs: Path) -> None:
    """However often."""
    once = current("before\n<!-- begin:benchmark -->\nold\n<!-- end:benchmark -->\nbehind\n", docs)
    assert once.startswith("before\n<!-- begin:benchmark -->\n\n| service | load |")
    assert once.endswith("\n<!-- end:benchmark -->\nbehind\n")
    assert "old" not in once
    assert all(row[1] in once for section in figures(report).sections for row in section if len(row) > 1)
    assert notes(report) in once
    assert "beside images" in once
    assert current(once, docs) == once


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- begin:weather -->\n<!-- end:weather -->", "no report is called weather"),
        ("<!-- begin:benchmark -->\n| table |", "block of benchmark does not end"),
        ("<!-- begin:benchmark -->\n<!-- begin:overload -->\n<!-- end:overload -->", "block of benchmark does not end"),
        ("<!-- begin:overload -->\n<!-- end:overload -->", r"docs holds no overload\.json"),
    ],
)
def test_block_that_cannot_be_made_is_named(text: str, message: str, docs: Path) -> None:
    """Of no kind of report, without an end, without its report."""
    with pytest.raises(LoadTestError, match=message):
        current(text, docs)


def test_command_writes_tables_and_pictures(docs: Path) -> None:
    """The document is changed in its place, the plot lies beside the report; a failure is one line and a hint."""
    readme = docs.parent / "README.md"
    readme.write_text("<!-- begin:benchmark -->\n<!-- end:benchmark -->\n")
    words = ["--readme", str(readme), "--docs", str(docs)]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "| Gateway, HTTP |" in readme.read_text()
    assert (docs / "benchmark.png").read_bytes().startswith(b"\x89PNG")
    (docs / "benchmark.json").unlink()
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "cp results/bench" in done.stderr
