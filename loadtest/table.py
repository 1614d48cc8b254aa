"""A report as tables: for the terminal, and in Markdown for the README."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.table import Table

from loadtest.environment import Hardware, Revision
from loadtest.report import Beside, Measured, Report
from loadtest.wording import milliseconds, per_second

_IDLE_LOAD, _IDLE_SHARE = 0.5, 0.05
_NOTHING = ""

Row = tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table as text: sections of rows; the first `words` columns hold words, the others numbers."""

    title: str
    head: Row
    sections: list[list[Row]]
    words: int


def grids(report: Report) -> list[Grid]:
    """Return the report's tables: the figures first, then what else was measured."""
    further = {beside: report.beside, agreement: report.agreement, memory: report.memory}
    return [figures(report), *(grid(report) for grid, content in further.items() if content)]


def figures(report: Report) -> Grid:
    """Return one row for each figure; a group is named in its first row only."""
    columns = _columns(report)
    sections = [
        [(group if place == 0 else "", each.setting, *_cells(columns, each)) for place, each in enumerate(members)]
        for group, members in groupby(report.figures, key=lambda each: each.group)
    ]
    return Grid(report.title, ("service", "load", *columns), sections, words=2)


def _columns(report: Report) -> dict[str, Callable[[Measured], str]]:
    columns: dict[str, Callable[[Measured], str]] = {
        f"{report.unit}/s": lambda each: per_second(each.items_per_s),
        "p50 ms": lambda each: milliseconds(each.p50_ms),
        "p99 ms": lambda each: milliseconds(each.p99_ms),
        "of the limit": lambda each: _optional(report.of_limit(each), ".1%"),
    }
    if report.baseline:
        columns[f"x {report.baseline}"] = lambda each: _optional(report.of_baseline(each), ".2f")
    if any(report.of_peer(each) for each in report.figures):
        columns["x peer"] = lambda each: _optional(report.of_peer(each), ".2f")
    return columns


def _cells(columns: dict[str, Callable[[Measured], str]], figure: Measured) -> Row:
    return tuple(cell(figure) for cell in columns.values())


def _optional(value: float | None, form: str) -> str:
    return _NOTHING if value is None else format(value, form)


def beside(report: Report) -> Grid:
    """Return a small model's latency alone and beside the report's load; the row before a loaded one is its `alone`."""
    sections: list[list[Row]] = []
    alone: Measured | None = None
    for each in report.beside:
        if not each.others_per_s or not sections:
            alone = each.figure
            sections.append([])
        sections[-1].append(_beside_row(each, alone))
    group = report.beside[0].figure.group
    head = ("load", "requests/s", "p50 ms", "p99 ms", "p50 x alone", f"{report.unit}/s beside it")
    return Grid(f"{group}, alone and beside {report.unit}", head, sections, words=1)


def _beside_row(each: Beside, alone: Measured | None) -> Row:
    figure = each.figure
    ratio = _optional(figure.p50_ms / alone.p50_ms if alone else None, ".2f")
    others = per_second(each.others_per_s) if each.others_per_s else _NOTHING
    latencies = (milliseconds(figure.p50_ms), milliseconds(figure.p99_ms))
    return (figure.setting, per_second(figure.items_per_s), *latencies, ratio, others)


def agreement(report: Report) -> Grid:
    """Return who gave the reference's best answers, and how far an engine's probabilities are from its."""
    rows: list[Row] = [
        (name, f"{share:.0%}", _optional(report.differences.get(name), ".1e"))
        for name, share in report.agreement.items()
    ]
    head = ("answers of", "same best answer", "largest difference of a probability")
    return Grid(f"Compared with {report.baseline} in process", head, [rows], words=1)


def memory(report: Report) -> Grid:
    """Return the memory of each process after the run."""
    rows: list[Row] = [(each.name, f"{each.rss_mb:,.0f}", f"{each.pss_mb:,.0f}") for each in report.memory]
    total = ("sum", _NOTHING, f"{sum(each.pss_mb for each in report.memory):,.0f}")
    return Grid("Memory after the run", ("process", "RSS MB", "PSS MB"), [rows, [total]], words=1)


def terminal(grid: Grid, caption: str = "") -> Table:
    """Return a table for a terminal."""
    table = Table(title=grid.title, caption=caption or None, caption_justify="left")
    for place, name in enumerate(grid.head):
        table.add_column(name, justify="left" if place < grid.words else "right")
    for section in grid.sections:
        for row in section:
            table.add_row(*row, end_section=row is section[-1])
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
    lines: Sequence[Row] = [row for section in grid.sections for row in section]
    return "\n".join([_line(grid.head), rule, *map(_line, lines)])


def _line(cells: Row) -> str:
    return f"| {' | '.join(cells)} |"


def notes(report: Report) -> str:
    """Return where and how the figures were made, as sentences."""
    settings = report.settings
    rounds = "one round" if settings.rounds == 1 else f"medians of {settings.rounds} interleaved rounds"
    how = f"shared by services and load generator; {rounds} of {settings.seconds:g} s; {report.workload}"
    sentences = [
        f"{machine(report.hardware)}, {how}.",
        provenance(report.versions, report.created, report.revision),
        *report.remarks,
        *busy_before(report.hardware),
    ]
    if report.disturbance > _IDLE_SHARE:
        sentences.append(
            f"Between the figures, others kept {report.disturbance:.0%} of the machine busy: measure again."
        )
    return " ".join(sentences)


def busy_before(hardware: Hardware) -> list[str]:
    """Return a sentence on what else the machine did before the run, where it did."""
    if hardware.load_average <= _IDLE_LOAD:
        return []
    return [f"The machine was busy before the run (load {hardware.load_average})."]


def machine(hardware: Hardware) -> str:
    """Return a machine in a few words."""
    features = hardware.matrix_features
    known = "" if features is None else f", {' '.join(features) or 'no matrix features'}"
    gpus = "".join(f", {each.name} with {each.memory_mib:,} MiB, driver {each.driver}" for each in hardware.gpus)
    return f"{hardware.cores} cores ({hardware.cpu}{known}, {hardware.memory_gib:g} GiB){gpus}"


def provenance(versions: Mapping[str, str], created: str, revision: Revision | None) -> str:
    """Return a sentence on what ran, and when."""
    return f"{_versions(versions)}; {created[:10]}, revision {_revision(revision)}."


def _versions(versions: Mapping[str, str]) -> str:
    shown = {
        "python": "Python", "triton": "Triton", "onnxruntime": "ONNX Runtime", "onnxruntime-gpu": "ONNX Runtime GPU",
        "openvino": "OpenVINO",
    }  # fmt: skip
    return ", ".join(f"{name} {versions[key]}" for key, name in shown.items() if key in versions)


def _revision(revision: Revision | None) -> str:
    if revision is None:
        return "unknown"
    return revision.commit[:7] + (" with changes" if revision.modified else "")
