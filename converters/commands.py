"""`scoring convert`: make model versions.

Each command imports what trains or exports only when something has to be made: a second run takes a moment.
"""

import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from converters.console import failures_reported, progress_shown
from converters.faq.dataset import SAMPLE_FOLDER
from converters.faq.options import Options as FaqOptions
from converters.image.conversion import Converted, convert
from converters.image.core import UNTRAINED
from converters.image.image_folder import notice
from converters.image.options import Options as ImageOptions

app = typer.Typer(
    help="Train or load a model, prove its ONNX export, publish it as a new version.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FAQ_STEPS = 5
IMAGE_STEPS = 4  # two more for a lower precision, one for a folder of pictures
# The first character keeps the lines as they are.
EXAMPLES = """\b
scoring convert resnet152                                     what `make serve` does
scoring convert resnet152 --weights mine.pth                  a fine-tuned ResNet-152
scoring convert resnet152 --weights mine.pth --precision int8 --calibration photos
scoring convert resnet152 --onnx mine.onnx --preprocess torch any other classifier
"""
Repository = Annotated[Path, typer.Option(help="Triton model repository to publish in.")]
REPOSITORY = Path("model_repository")


@app.callback()
def main() -> None:
    """Train or load a model, prove its ONNX export, publish it as a new version."""


@app.command()
def faq(
    data: Annotated[
        Path, typer.Option(help="Folder with questions.tsv, answers.tsv, duplicates.tsv (or .tsv.gz).")
    ] = SAMPLE_FOLDER,
    repository: Repository = REPOSITORY,
    top_k: Annotated[
        int, typer.Option(min=1, max=1000, help="Matches that the model returns; requests take fewer.")
    ] = FaqOptions.top_k,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Probability from which the best match counts as a good one.")
    ] = FaqOptions.threshold,
    extend: Annotated[
        bool,
        typer.Option("--extend", help="Add the data set's new entries to the newest version; retrain nothing else."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Make a version even when no input has changed.")] = False,
) -> None:
    """Train the FAQ matcher and publish it; does nothing when the newest version was made of the same inputs.

    Without --data it learns the sample of JavaScript questions that comes with the product.
    """
    from converters.faq import conversion  # noqa: PLC0415  scikit-learn takes seconds to import

    started = time.monotonic()
    with failures_reported(), progress_shown(FAQ_STEPS) as progress:
        done = conversion.convert(data, repository, FaqOptions(top_k, threshold, extend, force), progress.step)
    if done.parity is None:
        typer.echo(f"{done.folder} is up to date: none of its inputs has changed")
        return
    typer.echo(
        f"{_made(done.folder, started)}; on {done.parity.questions} questions the"
        f" ONNX model differs from scikit-learn by at most {done.parity.largest_difference:.1e}"
    )


@app.command(epilog=EXAMPLES)
def resnet152(
    weights: Annotated[
        str | None,
        typer.Option(
            help="imagenet (the official ones), imagenet-v1 (torchvision's first ones), untrained (random, for"
            " load tests), a file (.pth, .pt, .safetensors; of Keras .keras, .h5) or an https URL."
            " [default: imagenet when the network reaches them, else untrained]"
        ),
    ] = None,
    framework: Annotated[
        Literal["torch", "keras"] | None,
        typer.Option(help="Whose ResNet-152 the weights belong to. [default: torch]"),
    ] = None,
    onnx: Annotated[
        Path | None,
        typer.Option(help="An ONNX file in their place: any classifier of 224x224 pictures with 1,000 classes."),
    ] = None,
    preprocess: Annotated[
        Literal["torch", "keras-caffe", "keras-torch", "keras-tf"] | None,
        typer.Option(help="How the inputs of --onnx are normalised."),
    ] = None,
    resize: Annotated[
        int | None,
        typer.Option(
            help="To how many pixels --onnx wants the shorter side before 224x224 are cut out. [default: 256]"
        ),
    ] = None,
    precision: Annotated[
        Literal["fp32", "fp16", "int8"],
        typer.Option(help="fp16 is for GPUs, int8 for CPUs (several times as fast; needs --calibration)."),
    ] = "fp32",
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="Folder of some hundred pictures like those to be classified: int8 takes its ranges from one half, the"
            " other shows what a lower precision changes. Folders in it named after wnids (n01440764) give accuracies."
        ),
    ] = None,
    least_agreement: Annotated[
        float,
        typer.Option(min=0, max=1, help="Publish int8 or fp16 when this share of pictures keeps its best class."),
    ] = ImageOptions.least_agreement,
    force: Annotated[
        bool, typer.Option("--force", help="Make a version even when no input has changed or too few classes agree.")
    ] = False,
    repository: Repository = REPOSITORY,
    cores: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Cores of a CPU pod, for the pools' configs. [default: 4, or as they are]"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of untrained weights.")] = ImageOptions.seed,
) -> None:
    """Export an image classifier and publish it; does nothing when the newest version was made of the same inputs.

    Every export is compared with its framework before it is published, at several sizes of batch.
    """
    options = ImageOptions(
        weights=weights,
        framework=framework,
        onnx=onnx,
        preprocess=preprocess,
        resize=resize,
        precision=precision,
        calibration=calibration,
        least_agreement=least_agreement,
        force=force,
        cores=cores,
        seed=seed,
    )
    started = time.monotonic()
    steps = IMAGE_STEPS + 2 * (precision != "fp32") + (calibration is not None)
    with failures_reported(), progress_shown(steps) as progress:
        done = convert(repository, options, progress)
    _report(done, started)


def _report(done: Converted, started: float) -> None:
    card = done.card
    what = f"{card.get('precision')}, weights {card.get('weights')} ({card.get('framework')})"
    if done.made is None:
        typer.echo(f"{done.folder} is up to date: {done.because}; {what}")
    else:
        if done.unreadable:
            typer.echo(notice(done.unreadable), err=True)
        typer.echo(f"{_made(done.folder, started)}; {what}; {_measured(done.made)}")
    if card.get("weights") == UNTRAINED:
        reason = f" ({done.offline})" if done.offline else ""
        typer.echo(
            f"warning: random weights{reason}: every answer is meaningless, for load tests only;"
            " real ones: scoring convert resnet152 --weights PATH",
            err=True,
        )


def _measured(made: Any) -> str:
    text = f"logits differ from the original network's by at most {made.parity.largest_difference:.1e} of the largest"
    if made.agreement:
        text += (
            f"; {made.agreement.top_1:.1%} of {made.agreement.pictures} pictures keep fp32's best class,"
            f" and no probability changes by more than {made.agreement.largest_probability_difference:.1e}"
        )
    return text


def _made(folder: Path, started: float) -> str:
    size = (folder / "model.onnx").stat().st_size / 1e6
    return f"{folder}: {size:.1f} MB in {time.monotonic() - started:.1f} s"
