"""What converter commands show: progress on a terminal, and a failure as one line, one hint, exit code 2."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from converters.errors import ConversionError

T = TypeVar("T")


@contextmanager
def failures_reported() -> Iterator[None]:
    """Turn a ConversionError into two lines on standard error and exit code 2; other exceptions are bugs and pass."""
    try:
        yield
    except ConversionError as error:
        typer.echo(f"error: {error}", err=True)
        typer.echo(f"hint: {error.hint}", err=True)
        raise typer.Exit(2) from error


@contextmanager
def progress_shown(steps: int) -> Iterator["Steps"]:
    """Show a bar of `steps` steps on standard error, and under it one of the items of the current step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Steps(progress, progress.add_task("", total=steps))


class Steps:
    """The `converters.progress.Progress` of a terminal."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def step(self, text: str) -> None:
        """Say what comes next; the steps before it are done."""
        self._progress.update(self._task, description=text, advance=1)

    def track(self, items: Sequence[T], text: str) -> Iterator[T]:
        """Yield the items, with a bar of their own."""
        task = self._progress.add_task(text, total=len(items))
        yield from self._progress.track(items, task_id=task)
        self._progress.remove_task(task)
