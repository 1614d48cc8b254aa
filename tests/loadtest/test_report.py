"""The report of a run."""

import json
from pathlib import Path

import msgspec
import pytest

from loadtest.errors import LoadTestError
from loadtest.figures import HTTP, MANY, Load
from loadtest.meter import Round
from loadtest.report import Report, latest, measured, store


def test_figure_is_the_median_of_its_rounds() -> None:
    """One round that went wrong moves neither rate nor latency; a list counts as its questions."""
    rounds = [Round(100, 2.0, 0, 1.0, 5.0), Round(120, 2.0, 0, 2.0, 6.0), Round(10, 2.0, 0, 90.0, 99.0)]
    figure = measured("group", "setting", Load(4, 32), "driver", rounds)
    assert (figure.requests_per_s, figure.questions_per_s) == (50, 1600)
    assert (figure.p50_ms, figure.p99_ms) == (2.0, 6.0)


def test_report_is_read_as_it_was_stored(report: Report, tmp_path: Path) -> None:
    """The dated file and latest.json hold the same report, and nothing else is left."""
    path = store(report, tmp_path / "bench")
    assert latest(tmp_path / "bench") == report
    assert sorted(each.name for each in path.parent.iterdir()) == ["20261123T080000.json", "latest.json"]
    assert path.read_bytes() == (path.parent / "latest.json").read_bytes()


def test_json_says_what_a_figure_depends_on(report: Report, tmp_path: Path) -> None:
    """Hardware, versions, revision, model, commands and every single round are in the file."""
    content = json.loads(store(report, tmp_path).read_text())
    assert content["hardware"]["cores"] == 2
    assert content["revision"] == {"commit": "0123456789abcdef", "modified": False}
    assert content["versions"]["triton"] == "2.51.0"
    assert content["services"]["product"] == "scoring serve"
    assert content["settings"]["rounds"] == len(content["figures"][0]["rounds"]) == 3
    assert set(content["figures"][0]["rounds"][0]) == {"requests", "seconds", "errors", "p50_ms", "p99_ms"}


def test_ratios(report: Report) -> None:
    """The limit is the fastest in-process figure; the peer is compared under the same load."""
    busy, alone = report.find(HTTP, MANY), report.find(HTTP, 1)
    assert report.limit.setting == "2 sessions, batch 32"
    assert report.of_limit(busy) == pytest.approx(6000 / 50_000, rel=1e-3)
    assert report.of_peer(busy) == 3
    assert report.of_peer(alone) == 0.8
    assert report.of_peer(report.limit) == pytest.approx(25, rel=1e-3)


def test_nothing_measured_yet(tmp_path: Path) -> None:
    """Without a report, the error says how to make one."""
    with pytest.raises(LoadTestError, match=r"latest\.json") as caught:
        latest(tmp_path)
    assert "scoring bench" in caught.value.hint


def test_report_of_another_version_is_refused(report: Report, tmp_path: Path) -> None:
    """A file that lacks a part is named together with that part."""
    content = msgspec.to_builtins(report)
    del content["hardware"]
    (tmp_path / "latest.json").write_text(json.dumps(content))
    with pytest.raises(LoadTestError, match="hardware"):
        latest(tmp_path)


def test_unwritable_folder_is_named(report: Report, tmp_path: Path) -> None:
    """A file in the folder's place is an error with a hint, not a traceback."""
    (tmp_path / "bench").write_text("")
    with pytest.raises(LoadTestError, match="bench cannot be written"):
        store(report, tmp_path / "bench")
