"""The report of a run."""

import json
from pathlib import Path

import msgspec
import pytest

from loadtest.errors import LoadTestError
from loadtest.faq.plan import HTTP, MANY
from loadtest.figures import Figure, Kind, Load
from loadtest.meter import Round
from loadtest.report import Report, check_writable, latest, measured, store
from tests.loadtest.sample_report import faq_section, image_section


def test_figure_is_the_median_of_its_rounds() -> None:
    """One round that went wrong moves neither rate nor latency; a list counts as its questions."""
    rounds = [Round(100, 2.0, 0, 1.0, 5.0), Round(120, 2.0, 0, 2.0, 6.0), Round(10, 2.0, 0, 90.0, 99.0)]
    figure = measured(Figure(HTTP, "setting", Load(4, 32), "driver", lambda span: rounds[0]), rounds)
    assert (figure.requests_per_s, figure.items_per_s) == (50, 1600)
    assert (figure.p50_ms, figure.p99_ms) == (2.0, 6.0)


def test_report_is_read_as_it_was_stored(report: Report, tmp_path: Path) -> None:
    """The dated file and latest.json hold the same report, and nothing else is left."""
    path = store(report, tmp_path / "bench")
    assert latest(tmp_path / "bench") == report
    assert sorted(each.name for each in path.parent.iterdir()) == ["20261124T080000.json", "latest.json"]
    assert path.read_bytes() == (path.parent / "latest.json").read_bytes()


def test_json_says_what_a_figure_depends_on(report: Report, tmp_path: Path) -> None:
    """Hardware, versions, revision, model, commands and every single round are in the file."""
    content = json.loads(store(report, tmp_path).read_text())
    assert content["facts"]["hardware"]["cores"] == 2
    assert content["facts"]["revision"] == {"commit": "0123456789abcdef", "modified": False}
    assert content["facts"]["versions"]["triton"] == "2.51.0"
    assert content["services"]["product"] == "scoring serve"
    figure = content["sections"][0]["figures"][0]
    assert content["settings"]["rounds"] == len(figure["rounds"]) == 3
    assert set(figure["rounds"][0]) == {"requests", "seconds", "errors", "p50_ms", "p99_ms"}


def test_ratios() -> None:
    """The limit is the fastest in-process figure; peers are compared under the same load."""
    section = faq_section()
    busy, alone = section.find(HTTP.group, MANY), section.find(HTTP.group, 1)
    limit = section.limit(HTTP.engine)
    assert limit is not None
    assert limit.setting == "2 sessions, batch 32"
    assert section.of_limit(busy) == pytest.approx(6000 / 50_000, rel=1e-3)
    assert section.of_peer(busy, Kind.PEER) == 3
    assert section.of_peer(busy, Kind.DESIGN_2019) == 40
    assert section.of_peer(alone, Kind.PEER) == 0.8
    assert section.of_peer(limit, Kind.PEER) == pytest.approx(25, rel=1e-3)
    assert section.of_baseline(busy) is None


def test_each_engine_has_its_own_limit() -> None:
    """A served model is held against the same engine in process, and against the baseline's best."""
    section = image_section()
    bf16, int8 = section.of_kind(Kind.HTTP, 8)
    assert section.of_limit(bf16) == pytest.approx(0.8)
    assert section.of_limit(int8) == pytest.approx(150 / 180)
    assert section.of_baseline(bf16) == pytest.approx(5)
    assert section.of_peer(int8, Kind.PEER) == pytest.approx(15)


def test_part_of_the_work_is_compared_with_nothing() -> None:
    """Images decoded are not images classified."""
    section = image_section()
    (decoding,) = section.of_kind(Kind.PART)
    ratios = (section.of_limit(decoding), section.of_baseline(decoding), section.of_peer(decoding, Kind.PEER))
    assert ratios == (None, None, None)


def test_sections_are_found_by_name(report: Report) -> None:
    """One that was not measured is None."""
    assert report.section("images") == image_section()
    assert report.section("gpu") is None


def test_nothing_measured_yet(tmp_path: Path) -> None:
    """Without a report, the error says how to make one."""
    with pytest.raises(LoadTestError, match=r"latest\.json") as caught:
        latest(tmp_path)
    assert "scoring bench" in caught.value.hint


def test_report_of_another_version_is_refused(report: Report, tmp_path: Path) -> None:
    """A file that lacks a part is named together with that part."""
    content = msgspec.to_builtins(report)
    del content["facts"]["hardware"]
    (tmp_path / "latest.json").write_text(json.dumps(content))
    with pytest.raises(LoadTestError, match="hardware"):
        latest(tmp_path)


def test_unwritable_folder_is_named(report: Report, tmp_path: Path) -> None:
    """A file in the folder's place is an error with a hint, not a traceback."""
    (tmp_path / "bench").write_text("")
    with pytest.raises(LoadTestError, match="bench cannot be written"):
        store(report, tmp_path / "bench")


def test_folder_that_takes_no_report_is_noticed_before(tmp_path: Path) -> None:
    """One that can be written is made and left empty; below a file there is none."""
    check_writable(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(LoadTestError, match="cannot be written"):
        check_writable(tmp_path / "file" / "folder")
