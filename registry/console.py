"""What the commands show: progress on standard error, failures as one line, a hint and an exit code."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from registry.errors import RegistryError
from registry.interruption import Interruption, interruptible, leave

_BETWEEN_LINES = 5.0  # seconds, where standard error is no terminal
_WIDTH = 120  # of a table that goes to a file


def stdout() -> Console:
    """Return standard output, as wide as the terminal or a fixed number of columns."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False)


def say(text: str) -> None:
    """Write a line on standard error."""
    typer.echo(text, err=True)


@contextmanager
def failures_reported(command: str, stopped: int | None = None) -> Iterator[None]:
    """Turn a RegistryError into one line, a hint and its exit code; end at once when asked to, with `stopped`."""
    try:
        with interruptible():
            yield
    except RegistryError as error:
        say(f"scoring models {command}: {error}\n  {error.hint}")
        raise typer.Exit(error.exit_code) from None
    except Interruption as interruption:
        say(f"scoring models {command}: stopped")
        leave(interruption.exit_code if stopped is None else stopped)


@contextmanager
def progress_shown(text: str) -> Iterator["Transfer"]:
    """Show how many bytes are through: a bar on a terminal, else a line every few seconds."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        yield Transfer(bar, text)


class Transfer:
    """Bytes on their way; also the `registry.pull.Watcher` of the commands."""

    def __init__(self, bar: Progress, text: str) -> None:
        self._bar, self._text = bar, text
        self._task = bar.add_task(text, total=None)
        self._done, self._told = 0, time.monotonic()

    def waits(self) -> None:
        say(f"{self._text}: another pull is at work in this folder; waiting for it")

    def planned(self, release: str, present: int, missing: int) -> None:
        say(f"{self._text}: {release}, {megabytes(missing)} to download, {megabytes(present)} here already")
        self.expect(missing)

    def expect(self, total: int) -> None:
        """Say how many bytes there are in all."""
        self._done = 0
        self._bar.update(self._task, total=total, completed=0)

    def advanced(self, size: int) -> None:
        self._done += size
        self._bar.update(self._task, completed=self._done)
        if self._bar.disable and time.monotonic() - self._told >= _BETWEEN_LINES:
            self._told = time.monotonic()
            total = self._bar.tasks[self._task].total
            say(f"{self._text}: {megabytes(self._done)}" + (f" of {megabytes(int(total))}" if total else ""))


def megabytes(size: int) -> str:
    """Return a size in bytes for people."""
    return f"{size / 1e6:,.1f} MB"


def counted(number: int, noun: str) -> str:
    """Return a number of things for people."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
