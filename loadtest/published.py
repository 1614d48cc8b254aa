"""`python -m loadtest.published`: README's tables, and the pictures beside them, of the reports in docs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import typer

from loadtest import plot, table
from loadtest.console import failures_reported
from loadtest.cost import view as cost
from loadtest.cost.report import CostReport
from loadtest.errors import LoadTestError
from loadtest.faults import view as faults
from loadtest.faults.report import FaultsReport
from loadtest.load import view as load
from loadtest.load.report import LoadReport
from loadtest.openloop.self_check import report as driver
from loadtest.openloop.self_check.report import DriverReport
from loadtest.overhead import report as overhead
from loadtest.overhead.report import OverheadReport
from loadtest.overload import view as overload
from loadtest.overload.report import OverloadReport
from loadtest.report import Dated, Report, read
from loadtest.rollout import view as rollout
from loadtest.rollout.report import RolloutReport
from loadtest.standing.view import panels

_BLOCK = re.compile(r"<!-- begin:([\w-]+) -->\n.*?(?:<!-- (begin|end):([\w-]+) -->|\Z)", re.DOTALL)
_HINT = "put the report there: cp results/bench/NAME/latest.json docs/NAME.json"
R = TypeVar("R", bound=Dated)
app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A kind of report, how README shows one, and how its picture is drawn where it has one."""

    report: type[R]
    text: Callable[[R], str]
    draw: Callable[[R, Path], None] | None = None


def _benchmark(report: Report) -> str:
    shown = [table.figures(report), *([table.beside(report)] if report.beside else [])]
    return table.document(shown, table.notes(report))


# By the name of the file in docs, which is that of the block in README.
KINDS: Mapping[str, Kind[Any]] = {
    "benchmark": Kind(Report, _benchmark, lambda report, path: plot.save(report, panels(report), path)),
    "overload": Kind(
        OverloadReport, lambda report: table.document(overload.grids(report), overload.notes(report)), overload.draw
    ),
    "faults": Kind(FaultsReport, lambda report: table.document(faults.grids(report), faults.notes(report))),
    "rollout": Kind(
        RolloutReport, lambda report: table.document(rollout.grids(report), rollout.notes(report)), rollout.draw
    ),
    "overhead": Kind(OverheadReport, lambda report: table.document(overhead.grids(report), overhead.notes(report))),
    "driver": Kind(DriverReport, lambda report: table.document(driver.grids(report), driver.notes(report))),
    "load": Kind(LoadReport, lambda report: table.document([load.grid(report)], load.notes(report))),
    "cost": Kind(CostReport, cost.document),
}


def current(text: str, docs: Path) -> str:
    """Return a document with its blocks, `<!-- begin:NAME -->` to `<!-- end:NAME -->`, made anew of docs/NAME.json.

    Raises LoadTestError for a block of no kind of report, without an end, or whose report cannot be read.
    """
    return _BLOCK.sub(lambda found: _block(found, docs), text)


def names(text: str) -> list[str]:
    """Return the names of a document's blocks."""
    return [found[1] for found in _BLOCK.finditer(text)]


def _block(found: re.Match[str], docs: Path) -> str:
    name = found[1]
    if name not in KINDS:
        raise LoadTestError(f"no report is called {name}", f"blocks are those of {', '.join(KINDS)}")
    if found.group(2, 3) != ("end", name):
        raise LoadTestError(f"the block of {name} does not end", f"write behind it: <!-- end:{name} -->")
    shown = KINDS[name].text(read(docs / f"{name}.json", KINDS[name].report, _HINT))
    return f"<!-- begin:{name} -->\n\n{shown}\n<!-- end:{name} -->"


def publish(readme: Path, docs: Path) -> None:
    """Make the blocks of a document anew, and the pictures of their reports. Raises LoadTestError."""
    text = readme.read_text(encoding="utf-8")
    readme.write_text(current(text, docs), encoding="utf-8")
    for name in names(text):
        kind = KINDS[name]
        if kind.draw is not None:
            kind.draw(read(docs / f"{name}.json", kind.report, _HINT), docs / f"{name}.png")


@app.command()
def published(
    readme: Annotated[Path, typer.Option(metavar="FILE", exists=True, help="Document with the blocks.")] = Path(
        "README.md"
    ),
    docs: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the reports, and of their pictures.")] = Path(
        "docs"
    ),
) -> None:
    """Put the tables of docs/NAME.json between README's lines <!-- begin:NAME --> and <!-- end:NAME -->."""
    with failures_reported("loadtest.published"):
        publish(readme, docs)


if __name__ == "__main__":
    app()
