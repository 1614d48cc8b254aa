"""The command `scoring bench`."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtest import plot, table
from loadtest.bench import OnStep
from loadtest.errors import LoadTestError
from loadtest.faq import benchmark as faq_benchmark
from loadtest.faq import plan as faq_plan
from loadtest.faq.questions import SAMPLE_FILES, read_questions
from loadtest.images import benchmark as images_benchmark
from loadtest.images import plan as images_plan
from loadtest.images.pictures import photos
from loadtest.profile import Profile, profile
from loadtest.report import Report, latest, store
from loadtest.stack import product

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_Repository = Annotated[
    Path, typer.Option("--model-repository", envvar="SCORING_MODEL_REPOSITORY", help="Folder with published models.")
]
_Questions = Annotated[
    list[Path], typer.Option(metavar="FILE", help="Tab-separated file with questions in a column Text0; repeatable.")
]
_Output = Annotated[
    Path, typer.Option(metavar="DIR", help="Folder for reports and plots; each benchmark has its own below it.")
]
_Quick = Annotated[bool, typer.Option("--quick", help="One short round: minutes instead of a quarter of an hour.")]
_Markdown = Annotated[
    bool, typer.Option("--markdown", help="Measure nothing: print the latest report as a Markdown table.")
]
_Int8 = Annotated[
    bool, typer.Option(help="Make an INT8 version for the run, calibrated on generated pictures, and measure it too.")
]
_REPOSITORY, _OUTPUT = Path("model_repository"), Path("results/bench")
_QUESTIONS = list(SAMPLE_FILES)
_WIDTH = 110  # of a table that goes to a file
_Run = Callable[[OnStep], Report]


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    model_repository: _Repository = _REPOSITORY,
    output: _Output = _OUTPUT,
    quick: _Quick = False,
    markdown: _Markdown = False,
) -> None:
    """Measure the stack against its limits and its peers, on this machine, which should be idle.

    Without a sub-command: FAQ matching, then image classification. In process, Triton direct, the gateway over HTTP
    and gRPC, and a FastAPI service on the same ONNX file. Reports go to DIR/faq and DIR/images, as <time>.json and
    latest.json, with a plot beside them. HTTP load comes from wrk where it is installed.
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    with _failures_reported():
        if not markdown:  # nothing is measured in vain
            faq_benchmark.check(model_repository)
            images_benchmark.check(model_repository)
        faq(model_repository, output, quick, markdown)
        images(model_repository, output, quick, markdown)


@app.command()
def faq(
    model_repository: _Repository = _REPOSITORY,
    output: _Output = _OUTPUT,
    quick: _Quick = False,
    markdown: _Markdown = False,
    questions: _Questions = _QUESTIONS,
) -> None:
    """Measure FAQ matching."""

    def measure(on_step: OnStep) -> Report:
        duration = faq_benchmark.QUICK if quick else faq_benchmark.FULL
        return faq_benchmark.run(model_repository, read_questions(questions), duration, on_step)

    with _failures_reported():
        _show(faq_benchmark, output, None if markdown else measure)


@app.command()
def images(
    model_repository: _Repository = _REPOSITORY,
    output: _Output = _OUTPUT,
    quick: _Quick = False,
    markdown: _Markdown = False,
    int8: _Int8 = True,
) -> None:
    """Measure image classification, and FAQ matching beside it."""

    def measure(on_step: OnStep) -> Report:
        duration = images_benchmark.QUICK if quick else images_benchmark.FULL
        return images_benchmark.run(model_repository, duration, on_step, with_int8=int8)

    with _failures_reported():
        _show(images_benchmark, output, None if markdown else measure)


def _show(benchmark: ModuleType, output: Path, measure: _Run | None) -> None:
    """Measure, store and print; without `measure`, print the latest report in Markdown."""
    folder = output / benchmark.NAME
    if measure is None:
        typer.echo(table.markdown(latest(folder)), nl=False)
        return
    with _progress() as on_step:
        report = measure(on_step)
    path = store(report, folder)
    plot.save(report, benchmark.panels(report), folder / plot.FILE)
    print_report(report, [str(goal) for goal in benchmark.judge(report)])
    typer.echo(f"{path}, {folder / plot.FILE}", err=True)


def print_report(report: Report, verdicts: list[str]) -> None:
    """Print a report's tables and what became of the goals."""
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    first, *others = table.grids(report)
    console.print(table.terminal(first, table.notes(report)))
    for grid in others:
        console.print(table.terminal(grid))
    for verdict in verdicts:
        console.print(verdict, highlight=False)


@app.command("profile")
def profile_command(
    what: Annotated[Literal["faq", "images"], typer.Argument(help="What is asked for.")] = "faq",
    model_repository: _Repository = _REPOSITORY,
    questions: _Questions = _QUESTIONS,
    grpc: Annotated[bool, typer.Option("--grpc", help="Ask over gRPC instead of HTTP.")] = False,
    seconds: Annotated[int, typer.Option(min=2, help="How long to look.")] = 10,
) -> None:
    """Say where the time of a request goes: by process, and within the gateway by stage.

    Runs the stack under load (64 questions or 8 images in flight). The gateway is sampled with py-spy, which needs
    the right to trace processes.
    """
    protocol = "grpc" if grpc else "http"
    with _failures_reported(), _progress() as on_step:
        look = _profile_faq if what == "faq" else _profile_images
        found = look(model_repository, questions, protocol, seconds, on_step)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    for each in found.tables():
        console.print(each)


def _profile_faq(repository: Path, files: list[Path], protocol: str, seconds: int, on_step: OnStep) -> Profile:
    faq_benchmark.check(repository)
    on_step("starting Triton and the gateway", 0, 3)
    with product(repository, [faq_plan.MODEL]) as stack:
        drive = faq_plan.load_over(protocol, stack, read_questions(files))
        return profile(stack, drive, seconds, on_step)


def _profile_images(repository: Path, _: list[Path], protocol: str, seconds: int, on_step: OnStep) -> Profile:
    images_benchmark.check(repository)
    on_step("starting Triton and the gateway", 0, 3)
    with product(repository, [images_plan.MODEL]) as stack:
        return profile(stack, images_plan.load_over(protocol, stack, photos()), seconds, on_step)


def _refuse_options(context: typer.Context) -> None:
    # They would be ignored: a benchmark has its own.
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            command = f"scoring bench {context.invoked_subcommand} {parameter.opts[0]}"
            raise typer.BadParameter(f"write it behind the benchmark: {command}", context)


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
