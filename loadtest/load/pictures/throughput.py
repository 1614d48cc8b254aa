"""What was answered over what was asked for."""

from matplotlib.figure import Figure

from loadtest.load.pictures.steps import counted
from loadtest.load.report import LoadReport
from loadtest.page.axes import legend, plain
from loadtest.page.colours import HIGH, PAPER, SOFT
from loadtest.page.picture import Picture, drawn, tip
from loadtest.wording import per_second


def picture(report: LoadReport) -> Picture:
    """Return the throughput curve, with the diagonal on which all requests are answered."""
    steps = counted(report)
    highest = max(max(step.rate, step.answered_per_s) for step in steps)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([0, highest], [0, highest], color=SOFT, linewidth=1, linestyle="--", label="all answered")
        axes.plot([step.rate for step in steps], [step.answered_per_s for step in steps], color=HIGH, label="answered")
        for step in steps:
            filled = PAPER if step.doubts else HIGH
            (point,) = axes.plot(
                [step.rate], [step.answered_per_s], "o", color=HIGH, markersize=5, markerfacecolor=filled
            )
            tip(point, f"{step.rate:,g} requests/s asked for, {per_second(step.answered_per_s)}/s answered")
        axes.set_xlim(0, highest * 1.04)
        axes.set_ylim(0, highest * 1.04)
        axes.set_xlabel("requests/s asked for")
        axes.set_ylabel("answered/s")
        plain(axes.xaxis)
        plain(axes.yaxis)
        legend(axes, 2)

    return drawn(draw, "Answered requests over the rate of requests", 3.0)
