"""What the product is built to reach, and whether a run reached it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A value that a run gave, and its bound; `applies` is False where the goal is meant for another machine.

    `shown` and `bound` are the two as text, with their units.
    """

    what: str
    shown: str
    bound: str
    met: bool
    applies: bool = True

    def __str__(self) -> str:
        verdict = ("met" if self.met else "MISSED") if self.applies else "for the record"
        return f"{verdict}: {self.what}: {self.shown} (goal: {self.bound})"


def at_least(what: str, value: float, bound: float, unit: str = "x", note: str = "") -> Goal:
    """Return a goal that a value shall reach; a `note` says for what other machine the goal is meant."""
    return _goal(what, value, f"at least {bound:g} {unit}", note, met=value >= bound)


def at_most(what: str, value: float, bound: float, unit: str = "x", note: str = "") -> Goal:
    """Return a goal that a value shall not exceed."""
    return _goal(what, value, f"at most {bound:g} {unit}", note, met=value <= bound)


def under(what: str, value: float, bound: float, unit: str) -> Goal:
    """Return a goal that a value shall stay below."""
    return _goal(what, value, f"under {bound:g} {unit}", "", met=value < bound)


def _goal(what: str, value: float, bound: str, note: str, *, met: bool) -> Goal:
    return Goal(what, f"{value:,.2f} {bound.rpartition(' ')[2]}", bound + note, met, applies=not note)
