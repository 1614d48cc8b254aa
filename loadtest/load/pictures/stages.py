"""Where the time of a request goes, stage by stage."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.load.pictures.steps import counted
from loadtest.load.report import LoadReport, Percentile, Step
from loadtest.load.step import TOTAL
from loadtest.page.colours import GRID, SERIES
from loadtest.page.picture import Picture, drawn, is_narrow, tip
from loadtest.wording import milliseconds

_REST = "elsewhere"
_CAPTION = (
    "Shares of the stages' percentiles; the client's own percentile stands at the end of each bar. "
    f"{_REST.capitalize()} is what no stage accounts for: network, queues in front of the service, the client. "
    "Percentiles of parts need not add up to that of the whole: what is slow in one stage may be fast in another."
)


def names(steps: Sequence[Step]) -> list[str]:
    """Return the stages that replies told of, in their order."""
    return list(dict.fromkeys(each.stage for step in steps for each in step.stages if each.stage != TOTAL))


def picture(report: LoadReport) -> Picture:
    """Return the shares of the stages in p50 and p99 for each rate."""
    steps = [step for step in counted(report) if step.stages]

    def draw(figure: Figure) -> None:
        narrow = is_narrow(figure)
        panels = figure.subplots(*((2, 1) if narrow else (1, 2)), squeeze=False).flat
        for axes, percentile in zip(panels, ("p50", "p99"), strict=True):
            _bars(axes, steps, percentile)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=3 if narrow else 6, handlelength=0.9)

    return drawn(draw, "Where the time goes", 1.1 + 0.24 * len(steps), tall=1.9, caption=_CAPTION)


def _bars(axes: Axes, steps: Sequence[Step], percentile: str) -> None:
    stages = [*names(steps), _REST]
    for place, step in enumerate(steps):
        shares, total = _shares(step, stages, percentile)
        left = 0.0
        for stage, share in zip(stages, shares, strict=True):
            colour = GRID if stage == _REST else SERIES[stages.index(stage) % len(SERIES)]
            (bar,) = axes.barh(place, share, left=left, height=0.72, color=colour, label=stage if place == 0 else "_")
            tip(bar, f"{step.rate:,g} requests/s, {percentile} of {stage}: {share:.0f}%")
            left += share
        axes.annotate(
            f"{milliseconds(total)} ms", (100, place), (5, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes.set_title(percentile)
    axes.set_yticks(range(len(steps)), [f"{step.rate:,g}/s" for step in steps])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 50, 100], ["0", "50%", "100%"])
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)


def _shares(step: Step, stages: Sequence[str], percentile: str) -> tuple[list[float], float]:
    """Return each stage's share in percent, what is left as the last one, and the client's time in milliseconds."""
    times = {each.stage: _time(each, percentile) for each in step.stages}
    parts = [times.get(stage, 0.0) for stage in stages[:-1]]
    total = times.get(TOTAL, 0.0)
    parts.append(max(0.0, total - sum(parts)))
    whole = sum(parts) or 1.0
    return [part / whole * 100 for part in parts], total


def _time(stage: Percentile, percentile: str) -> float:
    return stage.p50_ms if percentile == "p50" else stage.p99_ms
