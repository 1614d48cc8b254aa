"""The page of two load reports."""

from pathlib import Path

import msgspec

from loadtest.load import compare_page
from tests.loadtest.load import sample
from tests.loadtest.load.reports import report, step


def test_two_runs_are_drawn_over_one_another(tmp_path: Path) -> None:
    """Both curves, the percentiles at rates that both tried, the figures, and where both were made."""
    before, after = sample.report((1000, 4000, 4600)), sample.report((1000, 4000, 5200))
    compare_page.save(before, after, tmp_path / "compare.html")
    made = (tmp_path / "compare.html").read_text()
    for part in ("p99 before", "p99 after", "At 1,000 requests/s:", "At 4,000 requests/s:", "<h2>Before</h2>"):
        assert part in made, part
    assert "At 4,600 requests/s:" not in made


def test_runs_without_a_rate_in_common_have_no_percentiles_to_compare() -> None:
    """The page says that no rate is the same, and names from outside stay text."""
    before, after = report([step(100, 10.0), step(150, 12.0)]), report([step(200, 10.0), step(300, 12.0)])
    target = msgspec.structs.replace(after.target, url="<script>")
    made = compare_page.html(before, msgspec.structs.replace(after, target=target))
    assert "No rate was tried in both runs" in made
    assert "<h2>Percentiles</h2>" not in made
    assert "<script" not in made
