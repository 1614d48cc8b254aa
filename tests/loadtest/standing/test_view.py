"""The standing benchmark's goals and plot."""

from pathlib import Path

from loadtest import plot
from loadtest.report import Report
from loadtest.standing.view import judge, panels
from tests.loadtest.sample_report import sample_faq_report


def test_both_models_are_judged(report: Report) -> None:
    """The FAQ's goals first; of a model that was not measured there are none."""
    assert [goal.what.split(",")[0] for goal in judge(report)][:3] == ["Gateway", "Gateway", "Gateway"]
    assert len(judge(report)) == 2 + 7
    assert len(judge(sample_faq_report())) == 2


def test_plot_has_a_row_for_each_model(report: Report, tmp_path: Path) -> None:
    """Throughputs on the left, latencies on the right, the FAQ beside images with the last; and it can be drawn."""
    questions, pictures = panels(report)
    assert questions.title == "FAQ matching: 96 entries"
    for row, latencies in ((questions, 1), (pictures, 2)):
        assert [panel.latency for panel in row.left] == [False] * 2
        assert [panel.latency for panel in row.right] == [True] * latencies
    for shown in (report, sample_faq_report()):
        plot.save(shown, panels(shown), tmp_path / plot.FILE)
        content = (tmp_path / plot.FILE).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 20_000
