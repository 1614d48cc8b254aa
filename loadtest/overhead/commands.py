"""The command `scoring bench overhead`."""

from pathlib import Path
from typing import Annotated

import typer

from loadtest import table
from loadtest.console import failures_reported, present, progress_shown
from loadtest.options import OUTPUT, REPOSITORY, Markdown, Output, Repository
from loadtest.overhead import benchmark
from loadtest.overhead.report import OverheadReport, grids, judge, notes
from loadtest.report import LATEST, read, store


def overhead(
    model_repository: Repository = REPOSITORY,
    output: Output = OUTPUT,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="Turns in which every gateway is measured.")] = 10,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            resolve_path=True,
            help="Compare with the gateway of another checkout of this project.",
        ),
    ] = None,
    markdown: Markdown = False,
) -> None:
    """Measure what keys, quotas and the request log take from the throughput of single questions.

    Gateways with and without them stand in front of the same Triton and are asked in turns. Reports go to DIR/overhead.
    """  # fmt: skip
    folder = output / benchmark.NAME
    with failures_reported("scoring bench"):
        if markdown:
            report = read(folder / LATEST, OverheadReport)
            typer.echo(table.document(grids(report), notes(report)), nl=False)
            return
        with progress_shown() as on_step:
            report = benchmark.run(model_repository, rounds, against, on_step)
        path = store(report, folder)
    present(grids(report), notes(report), judge(report))
    typer.echo(str(path), err=True)
