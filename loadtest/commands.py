"""The command `scoring bench`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtest import plot, table
from loadtest.bench import FULL, QUICK, OnStep, run
from loadtest.errors import LoadTestError
from loadtest.profile import profile
from loadtest.questions import SAMPLE_FILES, read_questions
from loadtest.report import latest, store

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_Repository = Annotated[
    Path, typer.Option("--model-repository", envvar="SCORING_MODEL_REPOSITORY", help="Folder with published models.")
]
_Questions = Annotated[
    list[Path], typer.Option(metavar="FILE", help="Tab-separated file with questions in a column Text0; repeatable.")
]
_WIDTH = 110  # of a table that goes to a file


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    model_repository: _Repository = Path("model_repository"),
    questions: _Questions = list(SAMPLE_FILES),  # noqa: B006  typer copies it
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the report and the plot.")] = Path(
        "results/bench"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="One short round: a minute, and rough figures.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Measure nothing: print the latest report as a Markdown table.")
    ] = False,
) -> None:
    """Measure the stack against its limits and its peers, in one run on this machine, which should be idle.

    In process, Triton direct, the gateway over HTTP and gRPC, and a FastAPI service on the same ONNX file. The report
    goes to DIR/<time>.json and DIR/latest.json, with a plot beside it. HTTP load comes from wrk where it is installed.
    """
    if context.invoked_subcommand:
        return
    with _failures_reported():
        if markdown:
            typer.echo(table.markdown(latest(output)), nl=False)
            return
        with _progress() as on_step:
            report = run(model_repository, read_questions(questions), QUICK if quick else FULL, on_step)
        path = store(report, output)
        plot.save(report, output / plot.FILE)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    console.print(table.terminal(report))
    for goal in table.goals(report):
        console.print(goal, highlight=False)
    typer.echo(f"{path}, {output / plot.FILE}", err=True)


@app.command("profile")
def profile_command(
    model_repository: _Repository = Path("model_repository"),
    questions: _Questions = list(SAMPLE_FILES),  # noqa: B006  typer copies it
    grpc: Annotated[bool, typer.Option("--grpc", help="Ask over gRPC instead of HTTP.")] = False,
    seconds: Annotated[int, typer.Option(min=2, help="How long to look.")] = 10,
) -> None:
    """Say where the time of a request goes: by process, and within the gateway by stage.

    Runs the stack with 64 requests in flight. The gateway is sampled with py-spy, which needs the right to trace
    processes.
    """
    with _failures_reported(), _progress() as on_step:
        found = profile(model_repository, read_questions(questions), "grpc" if grpc else "http", seconds, on_step)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    for each in found.tables():
        console.print(each)


@contextmanager
def _progress() -> Iterator[OnStep]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, refresh_per_second=2) as progress:
        task = progress.add_task("starting")
        last = ""

        def on_step(text: str, done: int, total: int) -> None:
            nonlocal last
            progress.update(task, description=text, completed=done, total=total)
            if not console.is_terminal and text != last:
                console.print(f"[{done}/{total}] {text}", markup=False, highlight=False)
            last = text

        yield on_step


@contextmanager
def _failures_reported() -> Iterator[None]:
    # A plain SIGTERM would leave the servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    except LoadTestError as error:
        typer.echo(f"scoring bench: {error}\n  {error.hint}", err=True)
        raise typer.Exit(2) from None
