"""What a run's latencies had to keep, as lines in pictures."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from loadtest import slo
from loadtest.load.report import LoadReport
from loadtest.page.colours import BAD
from loadtest.slo import Objective


def limits(report: LoadReport) -> list[Objective]:
    """Return the objectives that limit latencies."""
    return [each for each in slo.parse(report.slo) if each.of_latency] if report.slo else []


def limit(axes: Axes, objectives: Sequence[Objective]) -> None:
    """Draw latencies that are the limit."""
    for each in objectives:
        axes.axhline(each.limit, color=BAD, linewidth=1.1, linestyle=(0, (5, 3)), label=each.text)
