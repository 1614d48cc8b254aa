"""A page: title, lead, and sections made of text, callouts, tiles, pictures, tables and what can be unfolded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from loadtest.page.colours import COLOURS
from loadtest.page.picture import Picture
from loadtest.table import Grid

_LONG = 24  # characters, that a cell shows in one line

Tone: TypeAlias = Literal["plain", "good", "doubt", "bad"]


class Callout(NamedTuple):
    """What a reader has to see: a sentence, and what belongs to it as a list."""

    tone: Tone
    text: str
    items: Sequence[str] = ()


class Tile(NamedTuple):
    """A figure to be read from afar, with its name above and a remark below it."""

    name: str
    value: str
    remark: str = ""
    tone: Tone = "plain"


class Tiles(NamedTuple):
    """Figures side by side."""

    tiles: Sequence[Tile]


class Pairs(NamedTuple):
    """Names with their values, for instance the facts of a run."""

    pairs: Sequence[tuple[str, str]]


class Code(NamedTuple):
    """Text as a machine reads it: a command, a config, raw data."""

    text: str


class Details(NamedTuple):
    """Parts that are there when the reader unfolds them."""

    summary: str
    parts: Sequence["Part"]


# A text is a paragraph.
Part: TypeAlias = str | Callout | Tiles | Pairs | Code | Picture | Grid | Details


class Section(NamedTuple):
    """Parts under a heading; the first section of a page, with the verdict, may do without one."""

    heading: str
    parts: Sequence[Part]


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Return a whole HTML document that needs no other file and no script."""
    return _TEMPLATE.render(title=title, lead=lead, sections=sections, colours=COLOURS)


def _kind(part: Part) -> str:
    return type(part).__name__.lower()


def _columns(grid: Grid) -> tuple[set[int], set[int]]:
    """Return the columns that hold words, and those of them whose text is too long for one line."""
    rows = (row for section in grid.sections for row in section)
    long = {place for row in rows for place, cell in enumerate(row) if len(cell) > _LONG}
    return {*range(grid.words), *long}, long


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"kind": _kind, "columns": _columns}
    return made


_TEMPLATE = _environment().get_template("page.html")
