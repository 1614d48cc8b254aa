"""What is kept of a run."""

from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.load.keeping import PAGE, kept
from loadtest.load.report import LoadReport
from loadtest.report import read
from tests.loadtest.load.reports import report, step


def test_whatever_ends_a_run_its_steps_are_kept(tmp_path: Path) -> None:
    """As the last report said, and drawn."""
    steps = [step(100, 10), step(150, 12)]

    def ending_badly() -> None:
        with kept(tmp_path) as keeper:
            keeper.keep(report(steps[:1], interrupted=True))
            keeper.keep(report(steps, interrupted=True))
            raise LoadTestError("the end", "")

    with pytest.raises(LoadTestError, match="the end"):
        ending_badly()
    assert read(tmp_path / "latest.json", LoadReport) == report(steps, interrupted=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["20261123T080000.json", "latest.json", PAGE]


def test_run_without_a_step_leaves_the_report_of_the_one_before(tmp_path: Path) -> None:
    """There is nothing to put in its place."""
    with kept(tmp_path / "out"):
        pass
    assert list((tmp_path / "out").iterdir()) == []
