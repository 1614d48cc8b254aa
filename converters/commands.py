"""`scoring convert`: make model versions."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from converters.console import failures_reported
from converters.faq.conversion import MODEL, Options, convert
from converters.faq.dataset import SAMPLE_FOLDER

app = typer.Typer(
    help="Train or load a model, prove its ONNX export, publish it as a new version.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FAQ_STEPS = 5


@app.callback()
def main() -> None:
    """Train or load a model, prove its ONNX export, publish it as a new version."""


@app.command()
def faq(
    data: Annotated[
        Path, typer.Option(help="Folder with questions.tsv, answers.tsv, duplicates.tsv (or .tsv.gz).")
    ] = SAMPLE_FOLDER,
    repository: Annotated[Path, typer.Option(help="Triton model repository to publish in.")] = Path("model_repository"),
    top_k: Annotated[
        int, typer.Option(min=1, max=1000, help="Matches that the model returns; requests take fewer.")
    ] = Options.top_k,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Probability from which the best match counts as a good one.")
    ] = Options.threshold,
    extend: Annotated[
        bool,
        typer.Option("--extend", help="Add the data set's new entries to the newest version; retrain nothing else."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Make a version even when no input has changed.")] = False,
) -> None:
    """Train the FAQ matcher and publish it; does nothing when the newest version was made of the same inputs.

    Without --data it learns the sample of JavaScript questions that comes with the product.
    """
    console = Console(stderr=True)
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with failures_reported(), Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(MODEL, total=FAQ_STEPS)

        def step(text: str) -> None:
            progress.update(task, description=text, advance=1)

        done = convert(data, repository, Options(top_k, threshold, extend, force), step)
    if done.parity is None:
        typer.echo(f"{done.folder} is up to date: none of its inputs has changed")
        return
    size = (done.folder / "model.onnx").stat().st_size / 1e6
    typer.echo(
        f"{done.folder}: {size:.1f} MB in {time.monotonic() - started:.1f} s; on {done.parity.questions} questions the"
        f" ONNX model differs from scikit-learn by at most {done.parity.largest_difference:.1e}"
    )
