"""What every benchmark does: measure in turns, and sum up."""

import shlex
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from loadtest.disturbance import Disturbance
from loadtest.errors import LoadTestError
from loadtest.figures import Figure
from loadtest.meter import Round, Span
from loadtest.report import Measured, measured

OnStep = Callable[[str, int, int], None]  # what is done now, steps done, steps in all


class Duration(NamedTuple):
    """Rounds of each figure, and the length of each."""

    rounds: int
    span: Span


def measure(figures: Sequence[Figure], duration: Duration, on_step: OnStep, disturbance: Disturbance) -> list[Measured]:
    """Measure all figures once, then all once more: what disturbs the machine for a while disturbs all alike."""
    rounds: list[list[Round]] = [[] for _ in figures]
    total = duration.rounds * len(figures)
    for turn in range(duration.rounds):
        for index, figure in enumerate(figures):
            on_step(str(figure), turn * len(figures) + index, total)
            disturbance.look()
            rounds[index].append(checked(str(figure), figure.drive(duration.span)))
    on_step("done", total, total)
    return [measured(each, seen) for each, seen in zip(figures, rounds, strict=True)]


def checked(name: str, outcome: Round) -> Round:
    """Return the outcome of a round. Raises LoadTestError when a single request failed, or none succeeded."""
    if outcome.errors or not outcome.requests:
        raise LoadTestError(
            f"{name}: {outcome.errors} requests failed, {outcome.requests} succeeded",
            "figures with failures mean nothing; start the service alone and look at its log",
        )
    return outcome


def now() -> str:
    """Return the time as reports show it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def typed_command(program: str = "scoring") -> str:
    """Return what the user typed, `program` and its arguments."""
    return _without_temporary(f"{program} {shlex.join(sys.argv[1:])}".rstrip())


def shown(command: Sequence[str]) -> str:
    """Return a server's command line as a user would type it."""
    # The environment's place on this machine is nobody's business.
    words = command[2:] if command[1] == "-m" else command
    return _without_temporary(shlex.join([Path(words[0]).name, *words[1:]]))


def _without_temporary(line: str) -> str:
    """Leave out where on this machine temporary folders lie."""
    return line.replace(tempfile.gettempdir() + "/", "TMPDIR/")
