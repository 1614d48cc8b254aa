"""The report of a run on disk: as JSON after every step, as a page when the run ends, whatever ends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from loadtest.load import page
from loadtest.load.report import LoadReport
from loadtest.report import check_writable, store

PAGE = "report.html"


class Keeper:
    """Stores a run's report in a folder, each time in place of the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: tuple[LoadReport, Path] | None = None

    def keep(self, report: LoadReport) -> None:
        """Store the report so far. Raises LoadTestError."""
        self._kept = report, store(report, self._folder)

    def finish(self) -> None:
        """Draw the page, and say where all is; nothing where no step was completed."""
        if self._kept is not None:
            report, path = self._kept
            page.save(report, self._folder / PAGE)
            typer.echo(f"{path}, {self._folder / PAGE}", err=True)


@contextmanager
def kept(folder: Path) -> Iterator[Keeper]:
    """Keep what is measured while the context lasts. Raises LoadTestError at once where the folder takes nothing."""
    check_writable(folder)
    keeper = Keeper(folder)
    try:
        yield keeper
    finally:
        keeper.finish()
