"""The command `scoring bench overload`."""

from typing import Annotated, Literal

import typer

from loadtest import table
from loadtest.console import failures_reported, present, progress_shown
from loadtest.faq.plan import LIST
from loadtest.options import OUTPUT, REPOSITORY, Markdown, Output, Repository
from loadtest.overload import benchmark, view
from loadtest.overload.cases import FAQ, faq_case, image_case
from loadtest.overload.report import OverloadReport, judge
from loadtest.plot import FILE
from loadtest.report import LATEST, read, store


def overload(
    what: Annotated[Literal["faq", "images"], typer.Argument(help="What is asked for.")] = "images",
    model_repository: Repository = REPOSITORY,
    output: Output = OUTPUT,
    seconds: Annotated[int, typer.Option(min=5, help="How long the overload lasts.")] = 60,
    list_size: Annotated[int, typer.Option(min=1, max=100, help="Questions in a request.")] = LIST,
    markdown: Markdown = False,
) -> None:
    """Show what three times the load that can be borne does to answers, refusals and memory.

    Requests arrive at random times, whether or not the service keeps up (open loop). 70 % of the peak, three times
    the peak, 70 % again. Reports go to DIR/overload-faq and DIR/overload-images. Single questions (--list-size 1)
    are limited by the gateway, which has to share its cores with the load generator here.
    """
    case = faq_case(list_size) if what == FAQ else image_case()
    folder = output / f"{benchmark.NAME}-{case.name}"
    with failures_reported("scoring bench"):
        if markdown:
            report = read(folder / LATEST, OverloadReport)
            typer.echo(table.document(view.grids(report), view.notes(report)), nl=False)
            return
        with progress_shown() as on_step:
            report = benchmark.run(model_repository, case, seconds, on_step)
        path = store(report, folder)
        view.draw(report, folder / FILE)
    present(view.grids(report), view.notes(report), judge(report))
    typer.echo(f"{path}, {folder / FILE}", err=True)
