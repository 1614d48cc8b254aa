"""The command `scoring cost`."""

from pathlib import Path
from typing import Annotated

import typer

from loadtest import table
from loadtest.command_line import typed_command
from loadtest.console import failures_reported, stdout
from loadtest.cost import output as files
from loadtest.cost import parse, prices, rates, view
from loadtest.cost.costs import Terms, models
from loadtest.cost.notes import notes
from loadtest.cost.pools import Plan
from loadtest.cost.prices import PRICES
from loadtest.cost.report import CostReport
from loadtest.cost.sources import standing
from loadtest.facts import now

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def cost(
    reports: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="REPORT",
            help="Reports of `scoring bench` and of the GPU check (JSON). Without any: the latest in results/bench, "
            "else docs/benchmark.json.",
        ),
    ] = None,
    price_file: Annotated[
        Path,
        typer.Option(
            "--prices", metavar="FILE", help="Sizes and what they cost an hour, in TOML.", show_default="the package's"
        ),
    ] = PRICES,
    utilisation: Annotated[
        str,
        typer.Option(
            metavar="SHARE", help="How busy a node may be when the load is what you say: the rest is for peaks."
        ),
    ] = "60%",
    load: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[MODEL=]RATE",
            help="Recommend the cheapest pool for so much: 500/s, 2k/s, 40M/day, or faq=2k/s; repeatable.",
        ),
    ] = None,
    gpu_rate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[GPU=]RATE",
            help="Images/s of a GPU, where no report has it: 400, or T4=400; repeatable. Without it, GPUs have a "
            "break-even only.",
        ),
    ] = None,
    per_vcpu: Annotated[
        float,
        typer.Option(
            min=0.05, max=4, help="What a vCPU does of a core that was measured: 0.5 if that was a whole one."
        ),
    ] = 1.0,
    min_nodes: Annotated[
        int, typer.Option(min=1, max=1000, help="Nodes of the smallest pool: with 2, one may fail.")
    ] = 2,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the page, the pictures and the data.")] = Path(
        "results/cost"
    ),
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, and write no files.")] = False,
) -> None:
    """Say what predictions cost on CPUs and GPUs, from measured throughputs and a file of prices.

    Predictions a second of each node, vCPU and GPU; the price of a million of them, at full load and as busy as nodes
    may be; and the break-even: what a node with a GPU must serve to be cheaper, and above which load a pool of them is.
    Nothing is measured here. The prices in the package are examples of Azure's with source and date: bring your own.
    """
    with failures_reported("scoring cost"):
        known = prices.read(price_file)
        measured = rates.measured(reports or standing(Path()))
        terms = Terms(
            plan=Plan(parse.share(utilisation), min_nodes),
            per_vcpu=per_vcpu,
            gpu_per_s=parse.named(gpu_rate or [], sorted({size.gpu for size in known.size if size.gpu}), "GPU"),
            loads=parse.named(load or [], sorted({rate.benchmark for rate in measured if not rate.gpus}), "model"),
        )
        report = CostReport(
            created=now(),
            command=typed_command(),
            prices=PRICES.name if price_file == PRICES else str(price_file),
            currency=known.currency,
            utilisation=terms.plan.utilisation,
            least_nodes=min_nodes,
            per_vcpu=per_vcpu,
            models=models(known, measured, terms),
        )
        if markdown:
            typer.echo(view.document(report), nl=False)
            return
        written = files.save(report, output)
    _present(report)
    typer.echo(", ".join(map(str, written)), err=True)


def _present(report: CostReport) -> None:
    console = stdout()
    for grid, (_, sentences) in zip(view.grids(report), view.summary(report), strict=True):
        console.print(table.terminal(grid))
        for sentence in sentences:
            console.print(sentence, highlight=False)
        console.print()
    for note in notes(report):
        console.print(note, highlight=False, style="dim")
