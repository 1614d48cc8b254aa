"""The command `scoring bench faults`."""

import typer

from loadtest import table
from loadtest.console import failures_reported, present, progress_shown
from loadtest.faults import benchmark, view
from loadtest.faults.report import FaultsReport, judge
from loadtest.options import OUTPUT, REPOSITORY, Markdown, Output, Repository
from loadtest.plot import FILE
from loadtest.report import LATEST, read, store


def faults(model_repository: Repository = REPOSITORY, output: Output = OUTPUT, markdown: Markdown = False) -> None:
    """Kill, stop and replace parts of the service under constant load, and count what is lost.

    Triton killed; Triton standing still for 10 s; a gateway worker killed; and a rolling restart of two Tritons and
    two gateways behind haproxy and nginx, as far as they are installed. Takes about six minutes; reports go to
    DIR/faults.
    """
    folder = output / benchmark.NAME
    with failures_reported("scoring bench"):
        if markdown:
            report = read(folder / LATEST, FaultsReport)
            typer.echo(table.document(view.grids(report), view.notes(report)), nl=False)
            return
        with progress_shown() as on_step:
            report = benchmark.run(model_repository, on_step)
        path = store(report, folder)
        view.draw(report, folder / FILE)
    present(view.grids(report), view.notes(report), judge(report))
    typer.echo(f"{path}, {folder / FILE}", err=True)
