"""The command `scoring bench`."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import typer

from loadtest import table
from loadtest.bench import OnStep
from loadtest.console import failures_reported, finish, progress_shown, stdout
from loadtest.faq import benchmark as faq_benchmark
from loadtest.faq import plan as faq_plan
from loadtest.faq.questions import SAMPLE_FILES, read_questions
from loadtest.faults.commands import faults
from loadtest.images import benchmark as images_benchmark
from loadtest.images import plan as images_plan
from loadtest.images.pictures import photos
from loadtest.options import OUTPUT, REPOSITORY, Markdown, Output, Repository
from loadtest.overhead.commands import overhead
from loadtest.overload.commands import overload
from loadtest.profile import Profile, profile
from loadtest.report import Report, latest
from loadtest.stack import product

app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command()(overload)
app.command()(faults)
app.command()(overhead)

_Questions = Annotated[
    list[Path], typer.Option(metavar="FILE", help="Tab-separated file with questions in a column Text0; repeatable.")
]
_Quick = Annotated[bool, typer.Option("--quick", help="One short round: minutes instead of a quarter of an hour.")]
_Int8 = Annotated[
    bool, typer.Option(help="Make an INT8 version for the run, calibrated on generated pictures, and measure it too.")
]
_QUESTIONS = list(SAMPLE_FILES)


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    model_repository: Repository = REPOSITORY,
    output: Output = OUTPUT,
    quick: _Quick = False,
    markdown: Markdown = False,
) -> None:
    """Measure the stack against its limits and its peers, on this machine, which should be idle.

    Without a sub-command: FAQ matching, then image classification. In process, Triton direct, the gateway over HTTP
    and gRPC, and a FastAPI service on the same ONNX file. Reports go to DIR/faq and DIR/images, as <time>.json and
    latest.json, with a plot beside them. wrk sends the questions where it is installed.
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    with failures_reported("scoring bench"):
        if not markdown:  # nothing is measured in vain
            faq_benchmark.check(model_repository)
            images_benchmark.check(model_repository)
        faq(model_repository, output, quick, markdown)
        images(model_repository, output, quick, markdown)


@app.command()
def faq(
    model_repository: Repository = REPOSITORY,
    output: Output = OUTPUT,
    quick: _Quick = False,
    markdown: Markdown = False,
    questions: _Questions = _QUESTIONS,
) -> None:
    """Measure FAQ matching."""

    def measure(on_step: OnStep) -> Report:
        duration = faq_benchmark.QUICK if quick else faq_benchmark.FULL
        return faq_benchmark.run(model_repository, read_questions(questions), duration, on_step)

    with failures_reported("scoring bench"):
        _show(faq_benchmark, output / faq_benchmark.NAME, None if markdown else measure)


@app.command()
def images(
    model_repository: Repository = REPOSITORY,
    output: Output = OUTPUT,
    quick: _Quick = False,
    markdown: Markdown = False,
    int8: _Int8 = True,
) -> None:
    """Measure image classification, and FAQ matching beside it."""

    def measure(on_step: OnStep) -> Report:
        duration = images_benchmark.QUICK if quick else images_benchmark.FULL
        return images_benchmark.run(model_repository, duration, on_step, with_int8=int8)

    with failures_reported("scoring bench"):
        _show(images_benchmark, output / images_benchmark.NAME, None if markdown else measure)


def _show(benchmark: ModuleType, folder: Path, measure: Callable[[OnStep], Report] | None) -> None:
    """Measure, store and print; without `measure`, print the latest report in Markdown."""
    if measure is None:
        typer.echo(table.markdown(latest(folder)), nl=False)
        return
    with progress_shown() as on_step:
        report = measure(on_step)
    finish(report, folder, benchmark.judge, benchmark.panels)


@app.command("profile")
def profile_command(
    what: Annotated[Literal["faq", "images"], typer.Argument(help="What is asked for.")] = "faq",
    model_repository: Repository = REPOSITORY,
    questions: _Questions = _QUESTIONS,
    grpc: Annotated[bool, typer.Option("--grpc", help="Ask over gRPC instead of HTTP.")] = False,
    seconds: Annotated[int, typer.Option(min=2, help="How long to look.")] = 10,
) -> None:
    """Say where the time of a request goes: by process, and within the gateway by stage.

    Runs the stack under load (64 questions or 8 images in flight). The gateway is sampled with py-spy, which needs
    the right to trace processes.
    """
    protocol = "grpc" if grpc else "http"
    with failures_reported("scoring bench"), progress_shown() as on_step:
        look = _profile_faq if what == "faq" else _profile_images
        found = look(model_repository, questions, protocol, seconds, on_step)
    console = stdout()
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
