"""What a dashboard consists of, before it becomes Grafana's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Query(NamedTuple):
    """One PromQL expression and how its series are called."""

    expr: str
    legend: str = ""  # Grafana's: {{label}} is replaced
    exemplars: bool = False  # also fetch the traces of single requests
    instant: bool = False  # ask for the value now alone: for what takes long to compute


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What all panels have; `about` says what is good and what to do otherwise."""

    title: str
    about: str
    queries: tuple[Query, ...]
    unit: str = "short"  # Grafana's id of a unit: s, reqps, percentunit, bytes, ...
    runbooks: tuple[str, ...] = ()  # alerts whose runbooks are linked


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From which value on a number is doubtful or bad; `low` turns that round: below it."""

    doubtful: float
    bad: float
    low: bool = False


@dataclass(frozen=True, kw_only=True)
class Lines(Panel):
    """Values over time."""

    stacked: bool = False
    limits: Limits | None = None  # drawn as dashed lines
    colours: Mapping[str, str] = field(default_factory=dict)  # of series, by name
    most: float | None = None  # end of the axis


@dataclass(frozen=True, kw_only=True)
class Number(Panel):
    """The value now, large."""

    limits: Limits | None = None
    decimals: int | None = None
    none: str = "-"  # shown where there is no value


@dataclass(frozen=True, kw_only=True)
class Heat(Panel):
    """How a histogram's buckets fill over time."""


@dataclass(frozen=True, kw_only=True)
class Table(Panel):
    """One row for each series: its labels, then its value."""

    columns: Mapping[str, str]  # label (or Value) -> heading, in this order; others are not shown
    limits: Limits | None = None


class Line(NamedTuple):
    """Panels side by side, equally wide; as many as divide 24, the columns of Grafana's grid."""

    height: int
    panels: tuple[Panel, ...]


class Section(NamedTuple):
    """A heading and what stands below it."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Board:
    """A dashboard; `uid` is part of its address and never changes."""

    uid: str
    title: str
    about: str
    variables: tuple[str, ...]  # beyond data source and namespace: method, model, pod
    sections: tuple[Section, ...]

    def panels(self) -> tuple[Panel, ...]:
        """Return all panels, from top left to bottom right."""
        return tuple(panel for section in self.sections for line in section.lines for panel in line.panels)
