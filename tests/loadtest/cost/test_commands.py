"""`scoring cost` as a user types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loadtest.cost.commands import app
from loadtest.cost.report import CostReport
from loadtest.report import read
from tests.loadtest.cost.samples import PRICES, cpu_report, gpu_report, stored


def cost(folder: Path, *words: str) -> Result:
    """Run the command on the sample prices and the sample run."""
    (folder / "prices.toml").write_text(PRICES)
    bench = str(stored(cpu_report(), folder / "bench"))
    given = [bench, "--prices", str(folder / "prices.toml"), "--output", str(folder / "out")]
    return CliRunner().invoke(app, [*given, *words])


def test_a_run_leaves_page_picture_and_data(tmp_path: Path) -> None:
    """And prints tables and verdicts; a GPU's report beside the benchmark's gives its rate."""
    done = cost(tmp_path, str(stored(gpu_report(), tmp_path / "gpu")), "--load", "images=150/s", "--min-nodes", "1")
    assert done.exit_code == 0, done.stderr
    assert "For 150 images/s: 1 x Gpu" in done.stdout
    assert "Questions need no GPU" in " ".join(done.stdout.split())
    report = read(tmp_path / "out" / "latest.json", CostReport)
    assert [line.per_s for line in report.models[1].accelerators] == [400]
    assert (tmp_path / "out" / "latest.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "out" / "latest.html").read_text()


def test_markdown_goes_to_the_readme_and_nothing_to_files(tmp_path: Path) -> None:
    """Tables and notes, on standard output."""
    done = cost(tmp_path, "--markdown")
    assert done.exit_code == 0
    assert "| Small | 4 |  | 0.2 | 40.0 | 10.0 | 1.39 | 2.31 |  |" in done.stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--prices", "none.toml"], "none.toml cannot be read: No such file"),
        (["--utilisation", "0%"], "'0%' is no share"),
        (["--load", "much"], "'much' is no rate"),
        (["--load", "cats=5"], "there is no model 'cats'"),
        (["--gpu-rate", "T5=5"], "there is no GPU 'T5'"),
        (["--gpu-rate", "0"], "'0' is no rate"),
        (["none.json"], "holds no none.json"),
        (["--output", "/dev/null/here"], "cannot be written"),
    ],
)
def test_bad_input_is_one_line_and_a_hint(words: list[str], said: str, tmp_path: Path) -> None:
    """Exit code 2, and no table."""
    done = cost(tmp_path, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    message, hint = done.stderr.splitlines()
    assert said in message
    assert hint.startswith("  ")


def test_without_a_report_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in results/bench, nothing in docs: measure first."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 2
    assert "there is no report" in done.stderr
    assert "scoring bench" in done.stderr


def test_a_report_of_something_else_is_refused(tmp_path: Path) -> None:
    """JSON of another kind, and no JSON at all."""
    for content in ("{}", "[", '{"title": 3}'):
        (tmp_path / "other.json").write_text(content)
        done = cost(tmp_path, str(tmp_path / "other.json"))
        assert done.exit_code == 2
        assert "is no report of this version" in done.stderr
