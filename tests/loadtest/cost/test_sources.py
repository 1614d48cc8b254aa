"""Reports that are taken when none is named."""

from pathlib import Path

from loadtest.cost.sources import COMMITTED, GPU, MEASURED, standing
from loadtest.gpu import check
from loadtest.options import OUTPUT
from loadtest.report import LATEST
from loadtest.standing import run


def test_they_are_where_the_benchmarks_leave_them() -> None:
    """The standing benchmark's and the GPU check's latest."""
    assert Path(MEASURED) == OUTPUT / run.NAME / LATEST
    assert Path(GPU) == OUTPUT / check.NAME / LATEST


def test_an_own_run_goes_before_the_committed_one(tmp_path: Path) -> None:
    """And a GPU's comes on top."""
    assert standing(tmp_path) == []
    for name, found in ((COMMITTED, [COMMITTED]), (GPU, [COMMITTED, GPU]), (MEASURED, [MEASURED, GPU])):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
        assert standing(tmp_path) == [tmp_path / each for each in found]
