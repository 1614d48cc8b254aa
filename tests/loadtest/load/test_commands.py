"""`scoring load` as a user types it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from loadtest.load.commands import app
from loadtest.load.report import LoadReport
from loadtest.report import read, store
from tests.loadtest.http_server import ScriptedServer
from tests.loadtest.load.reports import report, step


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A file with a question that the scripted server is slow to answer."""
    path = tmp_path / "questions.tsv"
    path.write_text("Text0\nwhy is it slow?\n")
    return path


def typed(*words: object) -> Result:
    """What a command gave."""
    return CliRunner().invoke(app, [str(word) for word in words])


def address(server: ScriptedServer) -> str:
    """Where a service listens."""
    return f"http://127.0.0.1:{server.port}"


def test_slo_that_cannot_be_met_at_any_rate(server: ScriptedServer, questions: Path, tmp_path: Path) -> None:
    """Exit code 1, the p99 of the lowest rate, and a report and a page of what was tried."""
    given = ["--seconds", 1, "--warm-up", 0, "--questions", questions, "--output", tmp_path / "out"]
    done = typed("faq", "--url", address(server), "--ramp", "4:20", "--slo", "p99<50ms", *given)
    assert done.exit_code == 1
    assert "At 4 requests/s" in done.stdout
    folder = tmp_path / "out" / "faq-http"
    kept = read(folder / "latest.json", LoadReport)
    assert [each.rate for each in kept.steps] == [4, 4]
    assert not any(each.holds for each in kept.steps)
    assert (kept.best, kept.interrupted, kept.target.url) == (None, False, address(server))
    assert "<html" in (folder / "report.html").read_text()


def test_ctrl_c_keeps_what_was_measured(server: ScriptedServer, tmp_path: Path) -> None:
    """The step that is under way ends early; what it has is reported, and that it was interrupted."""
    scoring = str(Path(sys.executable).with_name("scoring"))
    words = ["load", "faq", "--url", address(server), "--rate", "20", "--seconds", "60", "--warm-up", "0"]
    command = [scoring, *words, "--output", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        while sum(server.bodies.values()) < 70:  # three and a half seconds of load
            assert run.poll() is None
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the drivers, too
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "The run was interrupted" in told
    kept = read(tmp_path / "faq-http" / "latest.json", LoadReport)
    assert kept.interrupted
    (only,) = kept.steps
    assert 2 <= only.seconds < 60
    assert only.statuses["200"] > 0
    assert sum(only.statuses.values()) == sum(only.line.offered)
    assert (tmp_path / "faq-http" / "report.html").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--rate", "5"], "nobody answers"),
        (["--rate", "5", "--grpc", "127.0.0.1:1"], "nobody answers"),
        (["--rate", "5", "--url", "https://127.0.0.1:1"], "nobody answers"),
        (["--rate", "5", "--url", "ftp://127.0.0.1"], "is no address"),
        (["--rate", "5", "--questions", "/nowhere.tsv"], "cannot be read"),
        (["--rate", "5", "--key-file", "/nowhere"], "cannot be read"),
        (["--rate", "5", "--output", "/dev/null/out"], "cannot be written"),
        ([], "either --rate or --ramp"),
        (["--ramp", "5:10", "--slo", "p99"], "is no objective"),
    ],
)
def test_what_cannot_run_says_why_and_what_to_do(words: list[str], says: str, tmp_path: Path) -> None:
    """Exit code 2 and a hint; no report is left."""
    done = typed("faq", "--url", "http://127.0.0.1:1", "--output", tmp_path, *words)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stderr.splitlines()[-1].startswith("  ")
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_folder_of_pictures_is_looked_into(tmp_path: Path) -> None:
    """One without pictures is refused."""
    (tmp_path / "notes.txt").touch()
    done = typed("images", "--images", tmp_path, "--rate", 1, "--output", tmp_path)
    assert (done.exit_code, "holds no picture" in done.stderr) == (2, True)


def test_two_runs_are_compared(tmp_path: Path) -> None:
    """Tables and sentences; exit code 0, or 1 where something became worse by more than is allowed."""
    before = store(report([step(100, 10), step(150, 12)]), tmp_path / "before")
    after = store(report([step(100, 10), step(150, 20)]), tmp_path / "after")
    done = typed("compare", before, after)
    assert done.exit_code == 0
    assert "slower" in done.stdout
    assert "150/s before, 150/s after (+0%)" in done.stdout
    assert typed("compare", before, after, "--html", tmp_path / "both.html").exit_code == 0
    assert "<html" in (tmp_path / "both.html").read_text()
    failed = typed("compare", before, after, "--fail-above", 10)
    assert failed.exit_code == 1
    assert "at 150/s the p99 is 67% longer" in failed.stdout
    assert typed("compare", before, after, "--fail-above", 80).exit_code == 0


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    """Runs of different questions, a file that is none or that is missing."""
    faq = store(report([step(100, 10)]), tmp_path / "faq")
    images = store(report([step(100, 10)], what="images"), tmp_path / "images")
    (tmp_path / "other.json").write_text(json.dumps({"created": "today"}))
    unwritable = typed("compare", faq, faq, "--html", "/dev/null/page.html")
    assert (unwritable.exit_code, "cannot be written" in unwritable.stderr) == (2, True)
    for wrong, says in (
        (images, "two different loads"),
        (tmp_path / "other.json", "no report"),
        (tmp_path / "x", "no x"),
    ):
        done = typed("compare", faq, wrong)
        assert (done.exit_code, says in done.stderr) == (2, True), done.stderr


def test_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Every field of it."""
    made = report([step(100, 10), step(150, 12, "a doubt", refused=0.5)])
    assert msgspec.json.decode(store(made, tmp_path).read_bytes(), type=LoadReport) == made
