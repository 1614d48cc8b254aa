"""What the commands of the load tests share: progress, a report printed and stored, failures in one line."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from loadtest import plot, table
from loadtest.bench import OnStep
from loadtest.errors import LoadTestError
from loadtest.goals import Goal
from loadtest.plot import Panels
from loadtest.report import Report, store
from loadtest.table import Grid

_WIDTH = 120  # of a table that goes to a file
_LONGEST = 3600.0  # seconds, of a run


def stdout() -> Console:
    """Return standard output, as wide as the terminal or a fixed number of columns."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def finish(
    report: Report,
    folder: Path,
    judge: Callable[[Report], Sequence[Goal]],
    panels: Callable[[Report], Sequence[Panels]],
) -> None:
    """Store a report and its plot in a folder, print its tables and what became of the goals."""
    path = store(report, folder)
    plot.save(report, panels(report), folder / plot.FILE)
    present(table.grids(report), table.notes(report), judge(report))
    typer.echo(f"{path}, {folder / plot.FILE}", err=True)


def present(grids: Sequence[Grid], notes: str, goals: Sequence[Goal]) -> None:
    """Print tables, with notes below the first one, and what became of the goals."""
    console = stdout()
    first, *others = grids
    console.print(table.terminal(first, notes))
    for grid in others:
        console.print(table.terminal(grid))
    for goal in goals:
        console.print(str(goal), highlight=False)


@contextmanager
def progress_shown() -> Iterator[OnStep]:
    """Show a progress bar and what is left of the time on standard error, or lines where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    left = (TimeRemainingColumn(), TextColumn("left"))
    with Progress(
        *columns,
        *left,
        console=console,
        transient=True,
        refresh_per_second=2,
        speed_estimate_period=_LONGEST,  # of all steps: they differ in length
    ) as progress:
        task = progress.add_task("starting", total=None)
        last = ""

        def on_step(text: str, done: int, total: int) -> None:
            nonlocal last
            progress.update(task, description=text, completed=done, total=total or None)
            if not console.is_terminal and text != last:
                line = _line(text, done, total, progress.tasks[0].time_remaining)
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            last = text

        yield on_step


def _line(text: str, done: int, total: int, left: float | None) -> str:
    place = f"[{done}/{total}] " if total else ""
    return f"{place}{text}" + (f" ({ceil(left / 60)} min left)" if left else "")


@contextmanager
def failures_reported(name: str) -> Iterator[None]:
    """Turn a LoadTestError into one line, a hint and exit code 2; `name` is the command's."""
    # A plain SIGTERM would leave the servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    except LoadTestError as error:
        typer.echo(f"{name}: {error}\n  {error.hint}", err=True)
        raise typer.Exit(2) from None
