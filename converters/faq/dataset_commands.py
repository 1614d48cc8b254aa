"""`scoring dataset`: make, prepare and look at FAQ data sets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from converters.console import failures_reported
from converters.errors import DatasetError
from converters.faq.dataset import FaqDataset, load_dataset, refuse
from converters.faq.dataset_writer import write_dataset
from converters.faq.preparation import PRESET_2019, Preparation, Prepared, prepare
from converters.faq.stackexchange import Dump, extract
from converters.faq.synthetic import synthesize
from preprocessing.text import canonical

app = typer.Typer(help="Make, prepare and look at FAQ data sets.", no_args_is_help=True, rich_markup_mode=None)

DataOption = Annotated[Path, typer.Option(help="Folder with questions.tsv, answers.tsv, duplicates.tsv (or .tsv.gz).")]
OutOption = Annotated[Path, typer.Option(help="New folder to write; appears complete or not at all.")]


class Preset(StrEnum):
    """Named sets of preparation rules."""

    NONE = "none"
    Y2019 = "2019"


_PRESETS = {Preset.NONE: Preparation(), Preset.Y2019: PRESET_2019}


@app.command()
def stackexchange(
    posts: Annotated[Path, typer.Option(help="Posts.xml of the dump, also as .gz or .bz2; read twice.")],
    links: Annotated[Path, typer.Option(help="PostLinks.xml of the dump, also as .gz or .bz2.")],
    out: OutOption,
    tag: Annotated[str, typer.Option(help="Tag that the original questions have.")] = "javascript",
) -> None:
    """Make a data set out of a Stack Exchange dump: questions that others are duplicates of, with their answers."""
    with failures_reported(), _progress() as progress:
        found = extract(Dump(posts, links, tag), out, progress)
    typer.echo(
        f"{out}: {found.entries} questions with answers, {found.duplicates} duplicates"
        f" ({found.unanswered} questions left out: no answer)"
    )


@app.command("prepare")
def prepare_command(
    data: DataOption,
    out: OutOption,
    preset: Annotated[Preset, typer.Option(help="Rules to start from; options below override them.")] = Preset.NONE,
    drop_inconsistent: Annotated[
        bool | None, typer.Option(help="Leave out rows that contradict others instead of refusing the data set.")
    ] = None,
    drop_originals: Annotated[
        bool | None, typer.Option(help="Leave out duplicates whose Id is also a question's.")
    ] = None,
    min_length: Annotated[
        int | None, typer.Option(min=0, help="Leave out questions and duplicates of fewer characters after cleaning.")
    ] = None,
    min_duplicates: Annotated[
        int | None, typer.Option(min=0, help="Leave out questions with fewer duplicates.")
    ] = None,
    test_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of each question's duplicates for test.tsv; at least one.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed holds back other duplicates.")] = None,
) -> None:
    """Leave out what is not wanted for training and hold back a test set; every rule is off unless asked for."""
    options: dict[str, Any] = {
        "drop_inconsistent": drop_inconsistent,
        "drop_originals": drop_originals,
        "min_length": min_length,
        "min_duplicates": min_duplicates,
        "test_share": test_share,
        "seed": seed,
    }
    rules = replace(_PRESETS[preset], **{name: value for name, value in options.items() if value is not None})
    with failures_reported():
        inconsistent: list[DatasetError] = []
        dataset = load_dataset(data, inconsistent.append if rules.drop_inconsistent else refuse)
        prepared = prepare(dataset, rules)
        write_dataset(out, prepared.dataset, prepared.test)
    _report(out, dataset, prepared, inconsistent)


@app.command()
def synthetic(
    out: OutOption,
    entries: Annotated[int, typer.Option(min=1, max=100_000, help="FAQ entries to make.")] = 1714,
    duplicates: Annotated[int, typer.Option(min=0, max=1000, help="Duplicates of each entry.")] = 8,
    seed: Annotated[int, typer.Option(help="Another seed makes other texts.")] = 0,
) -> None:
    """Make a FAQ of any size out of made-up words, to see how cost grows with it; 1,714 is the size of 2019's."""
    with failures_reported():
        write_dataset(out, synthesize(entries, duplicates, seed))
    typer.echo(f"{out}: {entries:,} entries with {duplicates} duplicates each")


@app.command()
def show(data: DataOption) -> None:
    """Count what a data set holds, and measure its texts."""
    with failures_reported():
        dataset = load_dataset(data)
    Console().print(_summary(dataset))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _report(out: Path, dataset: FaqDataset, prepared: Prepared, inconsistent: Sequence[DatasetError]) -> None:
    if inconsistent:
        typer.echo(f"left out inconsistent rows: {len(inconsistent)} findings, the first: {inconsistent[0]}", err=True)
    kept = prepared.dataset
    typer.echo(
        f"{out}: {len(kept.entries)} of {len(dataset.entries)} questions; of {len(dataset.duplicates)} duplicates"
        f" {len(kept.duplicates)} for training, {len(prepared.test)} for testing"
    )


def _summary(dataset: FaqDataset) -> Table:
    counts = Counter(duplicate.answer_id for duplicate in dataset.duplicates)
    table = Table("", "count", "min", "median", "max")
    _add(table, "duplicates per question", [counts[entry.answer_id] for entry in dataset.entries])
    for name, texts in (
        ("question", [entry.question for entry in dataset.entries]),
        ("answer", [entry.answer for entry in dataset.entries]),
        ("duplicate", [duplicate.text for duplicate in dataset.duplicates]),
    ):
        _add(table, f"{name}: characters", [len(text) for text in texts])
        _add(table, f"{name}: characters after cleaning", [len(canonical(text)) for text in texts])
    return table


def _add(table: Table, name: str, sizes: Sequence[int]) -> None:
    figures = (min(sizes), np.median(sizes), max(sizes)) if sizes else ()
    table.add_row(name, f"{len(sizes):,}", *(f"{figure:,.0f}" for figure in figures))
