"""The standing benchmark's goals and plot."""

from pathlib import Path

import msgspec

from loadtest import plot
from loadtest.report import Report
from loadtest.standing.view import judge, panels
from tests.loadtest.sample_report import faq_section, image_section, sample_faq_report


def test_both_models_are_judged(report: Report) -> None:
    """The FAQ's goals first; of a model that was not measured there are none."""
    assert [goal.what.split(",")[0] for goal in judge(report)][:3] == ["Gateway", "Gateway", "Gateway"]
    assert len(judge(report)) == 2 + 7
    assert len(judge(sample_faq_report())) == 2


def test_plot_has_throughputs_on_one_side_and_latencies_on_the_other(report: Report, tmp_path: Path) -> None:
    """Of each model that was measured, and it can be drawn."""
    left, right = panels(report)
    assert [panel.latency for panel in (*left, *right)] == [False] * 4 + [True] * 3
    for shown in (report, sample_faq_report(), msgspec.structs.replace(report, sections=[image_section()])):
        plot.save(shown, panels(shown), tmp_path / plot.FILE)
        content = (tmp_path / plot.FILE).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 20_000
    assert faq_section().busy == 64
