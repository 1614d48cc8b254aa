"""The goals of image classification, read from a report."""

import msgspec

from loadtest.goals import Goal
from loadtest.images import goals
from loadtest.images.view import faq_beside, latencies, throughputs
from loadtest.report import Report
from tests.loadtest.sample_report import image_section, sample_image_report


def judge(report: Report) -> list[Goal]:
    """Return the goals."""
    (section,) = report.sections
    return goals.judge(report, section)


def verdicts(report: Report) -> list[str]:
    """Return the first word of each goal."""
    return [str(goal).split(":")[0] for goal in judge(report)]


def test_goals_are_judged_on_both_sides_of_their_limits() -> None:
    """Served share and multiple of bf16 and INT8, the FAQ with one core left to it, memory."""
    met, missed, elsewhere = "met", "MISSED", "for the record"
    good = sample_image_report(images=75, int8=135, faq_p50=6.0, rss=1499)
    assert verdicts(good) == [met, met, met, met, elsewhere, met, met]
    bad = sample_image_report(images=55, int8=95, faq_p50=6.1, rss=1500)
    assert verdicts(bad) == [missed, missed, missed, missed, elsewhere, missed, missed]


def test_goal_of_another_machine_is_no_failure() -> None:
    """Without AMX the multiples of FP32 are shown, and what the processor has."""
    found = judge(sample_image_report(amx=0, images=20))
    assert [goal.applies for goal in found] == [True, False, True, False, False, True, True]
    assert "goal: at least 3.5 x on a machine with AMX; this one has avx512_bf16" in str(found[1])


def test_run_without_int8_and_faq_has_fewer_goals() -> None:
    """What was not measured is not judged."""
    section = image_section()
    figures = [each for each in section.figures if not each.engine.endswith("INT8")]
    section = msgspec.structs.replace(section, figures=figures)
    report = msgspec.structs.replace(sample_image_report(), sections=[section], beside=[], memory=[])
    assert verdicts(report) == ["met", "met"]


def test_plot_shows_limits_services_and_the_faq_beside() -> None:
    """Each engine's best batch, each way in under load, and latencies alone and beside images."""
    single, lists = throughputs(image_section())
    (alone,) = latencies(image_section())
    assert [bar.figure.items_per_s for bar in single.bars] == [16, 100, 50, 180, 85, 80, 150, 78, 10, 4]
    assert {bar.figure.batch for bar in lists.bars} == {8}
    assert [bar.figure.p99_ms for bar in alone.bars] == [21, 25, 130, 260]
    assert [bar.figure.p50_ms for bar in faq_beside(sample_image_report().beside).bars] == [2, 9, 2, 3]
