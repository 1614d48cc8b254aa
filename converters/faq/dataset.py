"""FAQ data sets: questions with their answers, and the duplicates that people asked.

On disk a data set is a folder in the layout of Microsoft's 2019 reference (github.com/microsoft/az-ml-realtime-score):

- `questions.tsv`: Id, AnswerId, Text0, CreationDate: the originals;
- `answers.tsv`: Id, Text0;
- `duplicates.tsv`: the columns of questions.tsv; AnswerId names the *original's* answer.

Each may be compressed (`.tsv.gz`). Test files have the columns of duplicates.tsv. CreationDate may be missing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from converters.errors import DatasetError
from converters.faq.records import Record
from converters.faq.tsv import find_table, read_table

QUESTION_COLUMNS = ("Id", "AnswerId", "Text0")
ANSWER_COLUMNS = ("Id", "Text0")
DATE_COLUMN = ("CreationDate",)

SAMPLE_FOLDER = Path(__file__).with_name("sample")  # shipped with the package; its test duplicates are in test.tsv


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ entry: a question and its answer, both HTML; `created` is a date as text, or empty."""

    id: int
    answer_id: int
    question: str
    answer: str
    created: str = ""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A question (HTML) that somebody asked, and the answer that was meant for the original."""

    id: int
    answer_id: int
    text: str
    created: str = ""


@dataclass(frozen=True, slots=True)
class FaqDataset:
    """Entries with distinct ids and answer ids; every duplicate belongs to one of them."""

    entries: tuple[Entry, ...]
    duplicates: tuple[Duplicate, ...]

    def labels_of(self, duplicates: Iterable[Duplicate]) -> NDArray[np.int64]:
        """Return the index in `entries` of each duplicate's original; int64, one per duplicate."""
        index = {entry.answer_id: position for position, entry in enumerate(self.entries)}
        return np.array([index[duplicate.answer_id] for duplicate in duplicates], dtype=np.int64)


# What to do with a row that contradicts the others; the row is left out when the function returns.
OnInconsistency = Callable[[DatasetError], None]


def refuse(error: DatasetError) -> None:
    """Stop at the first inconsistency."""
    raise error


def load_dataset(folder: Path, on_inconsistency: OnInconsistency = refuse) -> FaqDataset:
    """Read a data set.

    Inconsistencies are: an Id that appears twice in a file, an empty text, a question whose answer is missing, a
    duplicate whose original is missing, and two questions with one answer (a duplicate names its original by the
    answer, so nobody could tell which is meant). Each is refused, or handed to `on_inconsistency`, which may let it
    pass: then the row is left out, the earlier one that it contradicts stays.

    Raises DatasetError; also, always, for what read_table refuses and for ids that are not integers.
    """
    if not folder.is_dir():
        raise DatasetError(
            f"{folder} is not a folder", hint="name the folder that holds questions.tsv, answers.tsv, duplicates.tsv"
        )
    paths = {name: find_table(folder, name) for name in ("questions", "answers", "duplicates")}
    answer_rows = _consistent(read_table(paths["answers"], ANSWER_COLUMNS), on_inconsistency)
    answers = {record.integer("Id"): record.text("Text0") for record in answer_rows}
    question_rows = _consistent(read_table(paths["questions"], QUESTION_COLUMNS, DATE_COLUMN), on_inconsistency)
    entries = tuple(_entries(question_rows, answers, on_inconsistency))
    if not entries:
        raise DatasetError(f"{folder} has no questions", hint="questions.tsv needs at least one row that has an answer")
    return FaqDataset(entries, _duplicates(paths["duplicates"], entries, on_inconsistency))


def load_duplicates(path: Path, dataset: FaqDataset) -> tuple[Duplicate, ...]:
    """Read a test file whose rows are duplicates of a data set's entries; raises DatasetError as load_dataset does."""
    return _duplicates(path, dataset.entries, refuse)


def _consistent(records: Iterable[Record], on_inconsistency: OnInconsistency) -> Iterator[Record]:
    """Yield the records that have a text and an Id of their own."""
    lines: dict[int, int] = {}
    for record in records:
        identifier = record.integer("Id")
        if identifier in lines:
            problem = f"Id {identifier} appears twice, first on line {lines[identifier]}"
            on_inconsistency(record.error(problem, hint="every row of a file needs an Id of its own"))
        elif not record.text("Text0").strip():
            on_inconsistency(
                record.error(f"Text0 of Id {identifier} is empty", hint="remove the row or give it a text")
            )
        else:
            lines[identifier] = record.number
            yield record


def _entries(
    questions: Iterable[Record], answers: dict[int, str], on_inconsistency: OnInconsistency
) -> Iterator[Entry]:
    owners: dict[int, int] = {}
    for record in questions:
        question_id, answer_id = record.integer("Id"), record.integer("AnswerId")
        if answer_id not in answers:
            problem = f"AnswerId {answer_id} of question {question_id} is not in the answers"
            on_inconsistency(record.error(problem, hint="add the answer, or remove the question"))
        elif answer_id in owners:
            problem = f"questions {owners[answer_id]} and {question_id} share AnswerId {answer_id}"
            on_inconsistency(
                record.error(problem, hint="duplicates name their original by its AnswerId: give each its own")
            )
        else:
            owners[answer_id] = question_id
            yield Entry(question_id, answer_id, record.text("Text0"), answers[answer_id], record.text("CreationDate"))


def _duplicates(path: Path, entries: Iterable[Entry], on_inconsistency: OnInconsistency) -> tuple[Duplicate, ...]:
    known = {entry.answer_id for entry in entries}
    kept: list[Duplicate] = []
    orphans: list[Record] = []
    for record in _consistent(read_table(path, QUESTION_COLUMNS, DATE_COLUMN), on_inconsistency):
        duplicate_id, answer_id = record.integer("Id"), record.integer("AnswerId")
        if answer_id in known:
            kept.append(Duplicate(duplicate_id, answer_id, record.text("Text0"), record.text("CreationDate")))
        else:
            orphans.append(record)
    if orphans:
        problem = f"AnswerId {orphans[0].integer('AnswerId')} is no question's ({len(orphans)} such duplicates)"
        on_inconsistency(
            orphans[0].error(problem, hint="a duplicate's AnswerId is that of its original in questions.tsv")
        )
    return tuple(kept)
