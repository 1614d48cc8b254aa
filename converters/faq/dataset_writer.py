"""Writes data sets in the layout that `converters.faq.dataset` reads."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from converters.errors import DatasetError
from converters.faq.dataset import ANSWER_COLUMNS, DATE_COLUMN, QUESTION_COLUMNS, Duplicate, FaqDataset
from converters.faq.tsv import table_writer
from converters.staging import staged_folder

_POST_COLUMNS = (*QUESTION_COLUMNS, *DATE_COLUMN)


@dataclass(frozen=True, slots=True)
class DatasetTables:
    """The open tables of a data set that is being written; rows may arrive in any order."""

    folder: Path
    question: Callable[[Sequence[int | str]], object]  # (id, answer id, HTML, date)
    answer: Callable[[Sequence[int | str]], object]  # (id, HTML)
    duplicate: Callable[[Sequence[int | str]], object]  # (id, answer id, HTML, date)


@contextmanager
def new_dataset(folder: Path) -> Iterator[DatasetTables]:
    """Yield the tables of a data set; the folder appears, complete, when the block ends well.

    Raises DatasetError when the folder exists or cannot be written.
    """
    with (
        staged_folder(folder, DatasetError) as staging,
        table_writer(staging / "questions.tsv", _POST_COLUMNS) as question,
        table_writer(staging / "answers.tsv", ANSWER_COLUMNS) as answer,
        table_writer(staging / "duplicates.tsv", _POST_COLUMNS) as duplicate,
    ):
        yield DatasetTables(staging, question, answer, duplicate)


def write_dataset(folder: Path, dataset: FaqDataset, test: Sequence[Duplicate] = ()) -> None:
    """Write a data set, and its test duplicates as `test.tsv` when there are any.

    Raises DatasetError as new_dataset does.
    """
    with new_dataset(folder) as tables:
        for entry in dataset.entries:
            tables.question((entry.id, entry.answer_id, entry.question, entry.created))
            tables.answer((entry.answer_id, entry.answer))
        for duplicate in dataset.duplicates:
            tables.duplicate((duplicate.id, duplicate.answer_id, duplicate.text, duplicate.created))
        if test:
            with table_writer(tables.folder / "test.tsv", _POST_COLUMNS) as write:
                for duplicate in test:
                    write((duplicate.id, duplicate.answer_id, duplicate.text, duplicate.created))
