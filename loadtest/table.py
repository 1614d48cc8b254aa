"""A report as tables: for the terminal, and in Markdown for the README."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich import box
from rich.table import Table

from loadtest.figures import Kind
from loadtest.report import Beside, Measured, Report, Section
from loadtest.wording import milliseconds, per_second, times

_IDLE_SHARE = 0.05
_NOTHING = ""
_PEERS = {Kind.PEER: "x FastAPI", Kind.DESIGN_2019: "x 2019"}

Row = tuple[str, ...]
Ratio = Callable[[Section, Measured], float | None]


@dataclass(frozen=True)
class Grid:
    """A table as text: sections of rows; the first `words` columns hold words, the others numbers.

    A row of one cell is a heading of those below it.
    """

    title: str
    head: Row
    sections: list[list[Row]]
    words: int


def grids(report: Report) -> list[Grid]:
    """Return the report's tables: the figures first, then what else was measured."""
    compared = [agreement(section) for section in report.sections if section.agreement]
    further = {beside: report.beside, memory: report.memory}
    return [figures(report), *compared, *(grid(report) for grid, content in further.items() if content)]


def figures(report: Report) -> Grid:
    """Return one row for each figure; a group is named in its first row only."""
    ratios = {name: ratio for name, ratio in _ratios(report).items() if any(_values(report, ratio))}
    sections: list[list[Row]] = []
    for section in report.sections:
        groups = groupby(section.figures, key=lambda each: each.group)
        sections.append([(f"{section.title} ({section.unit})",)])
        sections += [_rows(section, list(members), ratios) for _, members in groups]
    head = ("service", "load", "per second", "p50 ms", "p99 ms", "of limit", *ratios)
    return Grid(report.title, head, sections, words=2)


def _ratios(report: Report) -> dict[str, Ratio]:
    """Return what figures are compared with besides their limit: the peers, without any the baseline."""
    kinds = {each.kind for section in report.sections for each in section.figures}
    peers = {name: _of_peer(kind) for kind, name in _PEERS.items() if kind in kinds}
    baselines = dict.fromkeys(section.baseline for section in report.sections if section.baseline)
    return peers or {f"x {name}": Section.of_baseline for name in baselines}


def _of_peer(kind: Kind) -> Ratio:
    return lambda section, figure: section.of_peer(figure, kind)


def _values(report: Report, ratio: Ratio) -> Iterator[float | None]:
    return (ratio(section, each) for section in report.sections for each in section.figures)


def _rows(section: Section, members: Sequence[Measured], ratios: dict[str, Ratio]) -> list[Row]:
    names = [members[0].group, *[_NOTHING] * len(members)]
    return [
        (
            name,
            each.setting,
            per_second(each.items_per_s),
            milliseconds(each.p50_ms),
            milliseconds(each.p99_ms),
            _optional(section.of_limit(each), "{:.1%}".format),
            *(_optional(ratio(section, each), times) for ratio in ratios.values()),
        )
        for name, each in zip(names, members, strict=False)
    ]


def _optional(value: float | None, shown: Callable[[float], str]) -> str:
    return _NOTHING if value is None else shown(value)


def beside(report: Report) -> Grid:
    """Return a small model's latency alone and beside other load; the row before a loaded one is its `alone`."""
    sections: list[list[Row]] = []
    alone: Measured | None = None
    for each in report.beside:
        if not each.others_per_s or not sections:
            alone = each.figure
            sections.append([])
        sections[-1].append(_beside_row(each, alone))
    group = report.beside[0].figure.group
    head = ("load", "requests/s", "p50 ms", "p99 ms", "p50 x alone", "images/s beside it")
    return Grid(f"{group}, alone and beside images", head, sections, words=1)


def _beside_row(each: Beside, alone: Measured | None) -> Row:
    figure = each.figure
    ratio = _optional(figure.p50_ms / alone.p50_ms if alone else None, times)
    others = per_second(each.others_per_s) if each.others_per_s else _NOTHING
    latencies = (milliseconds(figure.p50_ms), milliseconds(figure.p99_ms))
    return (figure.setting, per_second(figure.items_per_s), *latencies, ratio, others)


def agreement(section: Section) -> Grid:
    """Return who gave the reference's best answers, and how far an engine's probabilities are from its."""
    rows: list[Row] = [
        (name, f"{share:.0%}", _optional(section.differences.get(name), "{:.1e}".format))
        for name, share in section.agreement.items()
    ]
    head = ("answers of", "same best answer", "largest difference of a probability")
    return Grid(f"{section.title}, compared with {section.baseline} in process", head, [rows], words=1)


def memory(report: Report) -> Grid:
    """Return the memory of each process after the run."""
    rows: list[Row] = [(each.name, f"{each.rss_mb:,.0f}", f"{each.pss_mb:,.0f}") for each in report.memory]
    total = ("sum", _NOTHING, f"{sum(each.pss_mb for each in report.memory):,.0f}")
    return Grid("Memory after the run", ("process", "RSS MB", "PSS MB"), [rows, [total]], words=1)


def terminal(grid: Grid, caption: str = "") -> Table:
    """Return a table for a terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=grid.title, caption=caption or None)
    table.caption_justify = "left"
    for place, name in enumerate(grid.head):
        table.add_column(name, justify="left" if place < grid.words else "right")
    for section in grid.sections:
        for row in section:
            heading = len(row) == 1 < len(grid.head)
            table.add_row(*row, style="bold" if heading else None, end_section=row is section[-1] and not heading)
    return table


def markdown(report: Report) -> str:
    """Return the tables in Markdown, with what a reader needs to judge them."""
    return document(grids(report), notes(report))


def document(grids: Sequence[Grid], notes: str) -> str:
    """Return tables in Markdown, with notes below the first one."""
    first, *others = grids
    parts = [_markdown(first), notes, *(f"**{grid.title}**\n\n{_markdown(grid)}" for grid in others)]
    return "\n\n".join(parts) + "\n"


def _markdown(grid: Grid) -> str:
    rule = "|" + "---|" * grid.words + "---:|" * (len(grid.head) - grid.words)
    lines = (_filled(row, len(grid.head)) for section in grid.sections for row in section)
    return "\n".join([_line(grid.head), rule, *map(_line, lines)])


def _filled(row: Row, columns: int) -> Row:
    return (f"**{row[0]}**", *[_NOTHING] * (columns - 1)) if len(row) == 1 < columns else row


def _line(cells: Row) -> str:
    return f"| {' | '.join(cells)} |"


def notes(report: Report) -> str:
    """Return where and how the figures were made, as sentences."""
    settings = report.settings
    rounds = "one round" if settings.rounds == 1 else f"medians of {settings.rounds} interleaved rounds"
    how = f"shared by services and load generator; {rounds} of {settings.seconds:g} s"
    sentences = report.facts.sentences(how)
    for section in report.sections:
        sentences += [f"{section.title}: {section.details}; {section.workload}.", *section.remarks]
    if report.disturbance > _IDLE_SHARE:
        sentences.append(
            f"Between the figures, others kept {report.disturbance:.0%} of the machine busy: measure again."
        )
    return " ".join(sentences)
