"""The FAQ's goals and its plot, read from a report."""

from loadtest.faq.benchmark import judge, panels
from loadtest.report import Report
from tests.loadtest.sample_report import sample_report


def test_goals_are_judged() -> None:
    """Each goal says whether it was met, on both sides of its limit."""
    assert [goal.met for goal in judge(sample_report(peer=2399, p99=4.99))] == [True, True]
    assert [str(goal).split(":")[0] for goal in judge(sample_report(peer=2401, p99=5.0))] == ["MISSED", "MISSED"]


def test_plot_shows_each_way_in_beside_the_limit(report: Report) -> None:
    """Single questions under load, lists, and single questions alone."""
    (single, lists), (alone,) = panels(report)
    assert [bar.figure.items_per_s for bar in single.bars] == [10_000, 5000, 6000, 3000, 2000]
    assert [bar.figure.batch for bar in lists.bars] == [32, 32, 32]
    assert {bar.figure.in_flight for bar in alone.bars} == {1}
