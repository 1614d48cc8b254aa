"""The command `scoring bench`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from loadtest import table
from loadtest.bench import Duration, OnStep
from loadtest.console import failures_reported, finish, progress_shown, stdout
from loadtest.faq import benchmark as faq_benchmark
from loadtest.faq import plan as faq_plan
from loadtest.faq.questions import SAMPLE_FILES, read_questions
from loadtest.faults.commands import faults
from loadtest.images import benchmark as images_benchmark
from loadtest.images import plan as images_plan
from loadtest.images.pictures import photos
from loadtest.openloop.self_check.commands import driver
from loadtest.options import OUTPUT, REPOSITORY, Markdown, Output, Repository
from loadtest.overhead.commands import overhead
from loadtest.overload.commands import overload
from loadtest.profile import Profile, profile
from loadtest.report import check_writable, latest
from loadtest.rollout.commands import rollout
from loadtest.stack import product
from loadtest.standing import run as standing
from loadtest.standing.services import Wanted
from loadtest.standing.view import judge, panels

app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command()(overload)
app.command()(faults)
app.command()(overhead)
app.command()(driver)
app.command()(rollout)

_Questions = Annotated[
    list[Path],
    typer.Option(
        metavar="FILE",
        show_default="the shipped sample",
        help="Tab-separated file with questions in a column Text0; repeatable.",
    ),
]
_Only = Annotated[Literal["faq", "images"] | None, typer.Option(help="Measure one of the two models alone.")]
_Quick = Annotated[bool, typer.Option("--quick", help="One short round: five minutes instead of a quarter of an hour.")]
_Int8 = Annotated[
    bool, typer.Option(help="Make an INT8 version for the run, calibrated on generated pictures, and measure it too.")
]
_Peers = Annotated[bool, typer.Option(help="Measure other services too: FastAPI's on the same files, the 2019 design.")]
_QUESTIONS = list(SAMPLE_FILES)
_INTERRUPTED = 130
_MODELS = {"faq": faq_plan.MODEL, "images": images_plan.MODEL}


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    model_repository: Repository = REPOSITORY,
    output: Output = OUTPUT,
    only: _Only = None,
    quick: _Quick = False,
    int8: _Int8 = True,
    peers: _Peers = True,
    questions: _Questions = _QUESTIONS,
    markdown: Markdown = False,
) -> None:
    """Measure the stack against its limits and its peers, on this machine, which should be idle.

    Without a sub-command, the standing benchmark: FAQ matching and image classification in process, by Triton, by the
    gateway over HTTP and gRPC; beside them FastAPI services on the same ONNX files and the design of 2019 (Flask, a
    classifier of pairs, Keras). The report goes to DIR/standing, as <time>.json, latest.json and latest.png. wrk sends
    the questions where it is installed. `make figures` puts a report of docs into README.
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    folder = output / standing.NAME
    wanted = Wanted([_MODELS[only]] if only else list(_MODELS.values()), int8, peers, questions)
    with failures_reported("scoring bench"):
        if markdown:
            typer.echo(table.markdown(latest(folder)), nl=False)
            return
        check_writable(folder)
        _measure(model_repository, wanted, standing.QUICK if quick else standing.FULL, folder)


def _measure(repository: Path, wanted: Wanted, duration: Duration, folder: Path) -> None:
    try:
        with progress_shown() as on_step:
            report = standing.run(repository, wanted, duration, on_step)
    except KeyboardInterrupt:
        typer.echo("scoring bench: interrupted before a round of all figures was complete: nothing is kept", err=True)
        raise typer.Exit(_INTERRUPTED) from None
    finish(report, folder, judge, panels)
    if report.settings.rounds < duration.rounds:
        rounds = f"{report.settings.rounds} of {duration.rounds} rounds"
        typer.echo(f"scoring bench: interrupted; the report holds {rounds}", err=True)
        raise typer.Exit(_INTERRUPTED)


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
