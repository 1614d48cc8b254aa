"""The picture of a run: what latency each variant paid for which throughput."""

from collections.abc import Sequence
from itertools import chain

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtest.page.axes import legend, logarithmic, plain
from loadtest.page.colours import BAD, GOOD, PAPER, SERIES, SOFT
from loadtest.page.picture import Picture, drawn, is_narrow, tip
from loadtest.tune.goal import Goal
from loadtest.tune.measured import Step, Trial
from loadtest.tune.report import TuneReport
from loadtest.wording import milliseconds, per_second

_OTHERS = 28  # area of a point, in square points
_BEYOND = 4  # times the limit: slower is drawn there
_CAPTION = (
    "Points are rates held for some seconds: further right and lower is better. Hollow ones broke the objectives."
)


def picture(report: TuneReport, goal: Goal) -> Picture:
    """Return the picture; the best variant and the default are joined by a line, the others are points."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        top = _BEYOND * goal.limit_ms if goal.limit_ms else None
        rest = [each for each in report.trials if each.variant not in {report.best, report.setup.default}]
        _scatter(axes, rest, top)
        for name, variant, colour in (
            ("default", report.setup.default, SERIES[1]), ("best", report.best, GOOD),
        ):  # fmt: skip
            if variant is not None and (variant != report.best or name == "best"):
                same = " (the default)" if variant == report.setup.default and name == "best" else ""
                _line(axes, report.trial(variant), name + same, colour, top)
        if goal.limit_ms:
            axes.axhline(goal.limit_ms, color=BAD, linewidth=1.1, linestyle=(0, (5, 3)), label="limit")
        logarithmic(axes, [_shown(step, top) for step in _steps(report.trials)])
        axes.set_xlim(0, max((step.answered_per_s for step in _steps(report.trials)), default=1.0) * 1.06)
        axes.set_xlabel(f"{report.unit}/s answered")
        axes.set_ylabel("p99 ms")
        plain(axes.xaxis)
        legend(axes, 2 if is_narrow(figure) else 4)

    return drawn(draw, "p99 over throughput of all variants", 4.2, caption=_CAPTION)


def _steps(trials: Sequence[Trial]) -> list[Step]:
    return [step for step in chain.from_iterable(each.steps for each in trials) if step.p99_ms is not None]


def _shown(step: Step, top: float | None) -> float:
    value = step.p99_ms or 0.0
    return value if top is None else min(value, top)


def _scatter(axes: Axes, trials: Sequence[Trial], top: float | None) -> None:
    label: str | None = "other variants"
    for trial in trials:
        for step in _steps([trial]):
            _point(axes, trial, step, SOFT, top, label)
            label = None


def _line(axes: Axes, trial: Trial, name: str, colour: str, top: float | None) -> None:
    steps = sorted(_steps([trial]), key=lambda each: each.answered_per_s)
    kept = [each for each in steps if each.met]
    axes.plot([each.answered_per_s for each in kept], [_shown(each, top) for each in kept], color=colour, label=name)
    for step in steps:
        _point(axes, trial, step, colour, top)


def _point(axes: Axes, trial: Trial, step: Step, colour: str, top: float | None, label: str | None = None) -> None:
    point = axes.scatter(
        step.answered_per_s, _shown(step, top), s=_OTHERS, color=colour if step.met else PAPER, edgecolors=colour,
        linewidths=1, zorder=3, label=label,
    )  # fmt: skip
    tip(point, f"{trial.variant}: {per_second(step.answered_per_s)}/s, p99 {milliseconds(step.p99_ms or 0.0)} ms")
