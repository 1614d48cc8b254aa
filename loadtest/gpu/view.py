"""How to read the check's report: its goals, and what its plot shows."""

from loadtest.figures import Kind
from loadtest.goals import Goal, at_least
from loadtest.gpu.check import MOST_DIFFERENCE, REFERENCE
from loadtest.images.goals import SERVED_OF_LIMIT
from loadtest.plot import Bar, Panel, Panels
from loadtest.report import Measured, Report, fastest

_SERVED = (Kind.TRITON, Kind.HTTP)


def judge(report: Report) -> list[Goal]:
    """Return the goals with what the run gave: parity, and the share of the limit that is served at best."""
    (section,) = report.sections
    goals = [_parity(*each) for each in section.differences.items()]
    for kind in _SERVED:
        best = fastest(section.of_kind(kind))
        ratio = section.of_limit(best) if best else None
        if best and ratio is not None:
            what = f"{best.group}, {best.setting}, against the same engine's best batch in process"
            goals.append(at_least(what, ratio, SERVED_OF_LIMIT))
    return goals


def _parity(engine: str, difference: float) -> Goal:
    what = f"Largest difference of a probability, {engine} from {REFERENCE}"
    return Goal(what, f"{difference:.1e}", f"at most {MOST_DIFFERENCE}", met=difference <= MOST_DIFFERENCE)


def panels(report: Report) -> list[Panels]:
    """Return each engine and service at its best, and by batch or number of connections."""
    (section,) = report.sections
    limits = section.of_kind(Kind.IN_PROCESS)
    engines = dict.fromkeys(each.engine for each in limits)
    best = [fastest([each for each in limits if each.engine == engine]) for engine in engines]
    best += [fastest(section.of_kind(kind)) for kind in _SERVED]
    left = [
        Panel("At its best: images per second", [_bar(each) for each in best if each]),
        Panel("By connections: images per second", [_bar(each) for each in section.of_kind(Kind.HTTP)]),
    ]
    right = [Panel("By connections: milliseconds", [_bar(each) for each in section.of_kind(Kind.HTTP)], latency=True)]
    return [Panels(f"{section.title}: {section.details}", left, right)]


def _bar(figure: Measured) -> Bar:
    return Bar(f"{figure.group},\n{figure.setting}", figure)
