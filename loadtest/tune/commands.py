"""The command `scoring tune`."""

from pathlib import Path
from typing import Annotated

import typer

from loadtest.console import failures_reported, stdout
from loadtest.errors import LoadTestError
from loadtest.options import REPOSITORY, Repository
from loadtest.report import LATEST
from loadtest.table import terminal
from loadtest.tune import budget, explanation, live, outcome, view
from loadtest.tune.goal import goal
from loadtest.tune.models import MODELS, check, find
from loadtest.tune.order import Order
from loadtest.tune.report import TuneReport, doubts
from loadtest.tune.run import run

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_INTERRUPTED = 130


@app.command()
def tune(
    model: Annotated[str, typer.Argument(metavar="MODEL", help=f"{' or '.join(MODELS)}.")],
    slo: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Seek the highest rate that keeps this, for instance p99=100ms."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="N", help="Seek the lowest p99 at so many questions or images per second."),
    ] = None,
    list_size: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Questions or images in each request; 1 as clients without a gateway."),
    ] = 8,
    cores: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Plan for a pod of so many cores; by default all of these.")
    ] = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Try this backend only; repeatable. By default all there are."),
    ] = None,
    triton: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="gRPC address of a running Triton instead of one of our own.")
    ] = "",
    config: Annotated[
        str, typer.Option(metavar="NAME", help="Config to start from, as for scoring serve --model-config-name.")
    ] = "auto",
    time: Annotated[
        str, typer.Option("--budget", metavar="TIME", help="How long it may take; with less, less is tried.")
    ] = "8m",
    resume: Annotated[
        bool, typer.Option("--resume", help="Take up the latest run, if machine, model and options are the same.")
    ] = False,
    name: Annotated[str, typer.Option(metavar="NAME", help="Write the best config to configs/NAME.pbtxt.")] = "tuned",
    as_default: Annotated[bool, typer.Option("--as-default", help="Write it to config.pbtxt, too.")] = False,
    model_repository: Repository = REPOSITORY,
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for reports; each model has its own below it.")
    ] = Path("results/tune"),
) -> None:
    """Find the batch config that suits a model, this machine and a goal, by measuring.

    Tries engines, published precisions, instances x threads (never more than the cores), batch sizes and queue delays:
    loads each variant into Triton, drives it directly over gRPC, and reads what Triton executed. Many are tried
    briefly, the better ones longer, the best in turns beside the config that is served now. Says why the best one is
    it; that the default is best is a fine answer.

    A gateway under load merges before it asks Triton: up to 64 questions or 8 images in a call, and rarely one. So
    requests hold 8 by default, each counts with its 8 items, and p99 is that of such a request. With --list-size 1 only
    Triton merges, as for clients that do without a gateway; OpenVINO's backend merges nothing itself.

    By default it starts a Triton of its own, on --cores of this machine where there are more; the load generator runs
    on the others, or shares them. A running one must let clients load configs (scoring serve --model-control); its
    config is restored at the end. Ctrl-C ends the search and keeps what was measured: go on with --resume.
    """
    with failures_reported("scoring tune"):
        order = Order(
            model=find(model, model_repository),
            repository=model_repository,
            goal=goal(slo, rate),
            list_size=list_size,
            cores=cores,
            triton=triton,
            config=config,
            budget_s=budget.seconds(time),
            output=output / model,
            resume=resume,
            engines=tuple(engine or ()),
        )
        check(order.model, order.engines, list_size)
        target = outcome.target(model_repository / model, name, as_default=as_default)
        try:
            with live.shown(order.goal) as on_progress:
                report = run(order, on_progress)
        except KeyboardInterrupt:
            kept = order.output / LATEST
            typer.echo(f"scoring tune: interrupted; what was measured, if anything, is in {kept}: --resume", err=True)
            raise typer.Exit(_INTERRUPTED) from None
        _finish(order, report, target)


def _finish(order: Order, report: TuneReport, target: outcome.Target) -> None:
    console = stdout()
    console.print(terminal(view.grid(report, order.goal), view.notes(report)))
    files = outcome.save_page(report, order.goal, order.output)
    if report.interrupted:
        typer.echo(f"scoring tune: interrupted; {files} hold what was measured: go on with --resume", err=True)
        raise typer.Exit(_INTERRUPTED)
    if report.best is None:
        reason = explanation.unreachable(report.trials, order.goal, report.unit)
        smaller = "send less in a request (--list-size 1), " if order.list_size > 1 else ""
        raise LoadTestError(reason, f"allow more, {smaller}or give it more cores; all data: {files}")
    for sentence in [*report.why, *doubts(report)]:
        console.print(sentence, highlight=False, soft_wrap=True)
    outcome.save_config(report, target)
    written = ", ".join(map(str, target.files))
    console.print(
        f"{written}: use it with scoring serve --model-config-name {target.name}", highlight=False, soft_wrap=True
    )
    typer.echo(files, err=True)
