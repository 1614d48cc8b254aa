"""`scoring evaluate`: measure published versions."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import onnx
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from converters.console import failures_reported
from converters.errors import ConversionError
from converters.faq.conversion import MODEL
from converters.faq.dataset import SAMPLE_FOLDER, Duplicate, FaqDataset, load_dataset, load_duplicates
from converters.faq.evaluation import Evaluation, evaluate
from converters.faq.evaluation_plot import plot
from converters.faq.export import FaqSession, with_all_probabilities
from converters.publish import description, latest
from preprocessing.text import canonical

app = typer.Typer(help="Measure a published version on held-out data.", no_args_is_help=True, rich_markup_mode=None)

BATCH = 64


@app.callback()
def main() -> None:
    """Measure a published version on held-out data."""


@app.command()
def faq(
    repository: Annotated[Path, typer.Option(help="Triton model repository; its newest version is measured.")] = Path(
        "model_repository"
    ),
    data: Annotated[Path, typer.Option(help="Folder of the data set that the version was made of.")] = SAMPLE_FOLDER,
    test: Annotated[str, typer.Option(help="File of held-out duplicates in that folder, or a path.")] = "test.tsv",
    out: Annotated[Path, typer.Option(help="Folder for evaluation.json and evaluation.png.")] = Path("results/faq"),
) -> None:
    """Score held-out duplicates with the exported ONNX model and print accuracy, ranks and calibration.

    Give questions that the model has not learnt: --test duplicates.tsv would measure its memory.
    """
    with failures_reported():
        folder = latest(repository / MODEL)
        if folder is None:
            raise ConversionError(f"{repository / MODEL} holds no version", hint="make one with `scoring convert faq`")
        dataset = load_dataset(data)
        path = data / test if (data / test).exists() else Path(test)
        measured = _measure(folder, dataset, load_duplicates(path, dataset))
    out.mkdir(parents=True, exist_ok=True)
    report = {"version": str(folder), "test": str(path), **measured.summary(), "details": asdict(measured)}
    (out / "evaluation.json").write_text(json.dumps(report, indent=2) + "\n")
    plot(measured, out / "evaluation.png")
    table = Table("figure", "value")
    for name, value in measured.summary().items():
        table.add_row(name, f"{value:g}")
    Console().print(table)
    typer.echo(f"version {folder} on {path}; written: {out / 'evaluation.json'}, {out / 'evaluation.png'}")


def _measure(folder: Path, dataset: FaqDataset, test: tuple[Duplicate, ...]) -> Evaluation:
    opened, ids = with_all_probabilities(onnx.load(folder / "model.onnx"))
    session = FaqSession(opened)
    texts = [canonical(duplicate.text) for duplicate in test]
    starts = track(range(0, len(texts), BATCH), "Scoring", console=Console(stderr=True), transient=True)
    probabilities = np.concatenate([session.all_probabilities(texts[start : start + BATCH]) for start in starts])
    entry_ids = np.array([entry.id for entry in dataset.entries])[dataset.labels_of(test)]
    if not np.isin(entry_ids, ids).all():
        raise ConversionError(
            f"{folder} does not know all entries of the data set", hint="measure it with the data it was made of"
        )
    return evaluate(probabilities, np.searchsorted(ids, entry_ids).tolist(), description(folder).get("threshold", 0.5))
