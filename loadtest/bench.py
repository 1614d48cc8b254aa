"""What every benchmark does: measure in turns, and sum up."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from loadtest.disturbance import Disturbance
from loadtest.errors import LoadTestError
from loadtest.figures import Figure
from loadtest.meter import Round, Span
from loadtest.report import Measured, Section, measured

OnStep = Callable[[str, int, int], None]  # what is done now, steps done, steps in all (0: not known yet)


class Duration(NamedTuple):
    """Rounds of each figure, and the length of each."""

    rounds: int
    span: Span


class Benchmark(Protocol):
    """What is measured of one model, by services that run already."""

    def prove(self) -> None:
        """See that all who are compared give the same answers. Raises LoadTestError."""

    def figures(self) -> list[Figure]:
        """Return what is to be measured."""

    def section(self, figures: Sequence[Measured]) -> Section:
        """Return the report's section of the measured figures."""


def measure(figures: Sequence[Figure], duration: Duration, on_step: OnStep, disturbance: Disturbance) -> list[Measured]:
    """Measure all figures once, then all once more: what disturbs the machine for a while disturbs all alike.

    Ctrl-C ends it, and the turns that are complete are kept. Raises KeyboardInterrupt when there is none, and
    LoadTestError when a single request failed.
    """
    rounds: list[list[Round]] = [[] for _ in figures]
    try:
        _take_turns(figures, duration, on_step, disturbance, rounds)
    except KeyboardInterrupt:
        if not rounds[-1]:
            raise
    complete = len(rounds[-1])
    return [measured(each, seen[:complete]) for each, seen in zip(figures, rounds, strict=True)]


def _take_turns(
    figures: Sequence[Figure],
    duration: Duration,
    on_step: OnStep,
    disturbance: Disturbance,
    rounds: Sequence[list[Round]],
) -> None:
    total = duration.rounds * len(figures)
    for turn in range(duration.rounds):
        for index, figure in enumerate(figures):
            on_step(str(figure), turn * len(figures) + index, total)
            disturbance.look()
            rounds[index].append(checked(str(figure), figure.drive(duration.span)))
    on_step("done", total, total)


def checked(name: str, outcome: Round) -> Round:
    """Return the outcome of a round. Raises LoadTestError when a single request failed, or none succeeded."""
    if outcome.errors or not outcome.requests:
        raise LoadTestError(
            f"{name}: {outcome.errors} requests failed, {outcome.requests} succeeded",
            "figures with failures mean nothing; start the service alone and look at its log",
        )
    return outcome
