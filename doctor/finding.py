"""What a check finds, and how bad it is."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """An error does not work, or not as it was meant; a warning works until it matters."""

    ERROR = "error"
    WARNING = "warning"


class Fault(NamedTuple):
    """What a check says about the thing that it looks at: the problem, what to do, and in which part of it."""

    severity: Severity
    problem: str
    advice: str
    part: str = ""


class Finding(NamedTuple):
    """A fault and its place: `file` as the user named it, `where` within it or what it belongs to."""

    check: str
    severity: Severity
    file: str
    where: str
    problem: str
    advice: str


def wrong(problem: str, advice: str, part: str = "") -> Fault:
    """Return a fault that is an error."""
    return Fault(Severity.ERROR, problem, advice, part)


def risky(problem: str, advice: str, part: str = "") -> Fault:
    """Return a fault that is a warning."""
    return Fault(Severity.WARNING, problem, advice, part)


def located(check: str, file: object, where: str, fault: Fault) -> Finding:
    """Return a fault with its place."""
    places = ", ".join(filter(None, (where, fault.part)))
    return Finding(check, fault.severity, str(file), places, _line(fault.problem), _line(fault.advice))


def _line(text: str) -> str:
    """One line without control characters, however hostile the file that it quotes."""
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)[:_LONGEST]


_LONGEST = 600  # characters
