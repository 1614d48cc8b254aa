"""The goals of image classification, read from a report."""

import msgspec

from loadtest.images.goals import judge
from loadtest.images.view import panels
from loadtest.report import Report
from tests.loadtest.sample_report import sample_image_report


def verdicts(report: Report) -> list[str]:
    """Return the first word of each goal."""
    return [str(goal).split(":")[0] for goal in judge(report)]


def test_goals_are_judged_on_both_sides_of_their_limits() -> None:
    """Served share and multiple of bf16 and INT8, the FAQ with one core left to it, memory."""
    met, missed, elsewhere = "met", "MISSED", "for the record"
    good = sample_image_report(gateway=75, int8=135, faq_p50=6.0, rss=1499)
    assert verdicts(good) == [met, met, met, met, elsewhere, met, met]
    bad = sample_image_report(gateway=55, int8=95, faq_p50=6.1, rss=1500)
    assert verdicts(bad) == [missed, missed, missed, missed, elsewhere, missed, missed]


def test_goal_of_another_machine_is_no_failure() -> None:
    """Without AMX the multiples of FP32 are shown, and what the processor has."""
    goals = judge(sample_image_report(amx=0, gateway=20))
    assert [goal.applies for goal in goals] == [True, False, True, False, False, True, True]
    assert "goal: at least 3.5 x on a machine with AMX; this one has avx512_bf16" in str(goals[1])


def test_run_without_int8_and_faq_has_fewer_goals(image_report: Report) -> None:
    """What was not measured is not judged."""
    figures = [each for each in image_report.figures if not each.engine.endswith("INT8")]
    report = msgspec.structs.replace(image_report, figures=figures, beside=[], memory=[])
    assert verdicts(report) == ["met", "met"]


def test_plot_shows_limits_services_and_the_faq_beside(image_report: Report) -> None:
    """Each engine's best batch, each way in under load, and latencies alone and beside images."""
    (single, lists), (alone, beside) = panels(image_report)
    assert [bar.figure.items_per_s for bar in single.bars] == [16, 100, 50, 180, 85, 80, 150, 78, 10]
    assert {bar.figure.batch for bar in lists.bars} == {16}
    assert [bar.figure.p99_ms for bar in alone.bars] == [21, 25, 130]
    assert [bar.figure.p50_ms for bar in beside.bars] == [2, 9, 2, 3]
