r"""Tab-separated tables as pandas and spreadsheets write them.

Fields that hold quotes, tabs or newlines are quoted, quotes inside are doubled (the `excel-tab` dialect). UTF-8 with or
without a byte order mark, plain (`.tsv`) or compressed (`.tsv.gz`). Columns may come in any order; others are ignored.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from converters.errors import DatasetError
from converters.faq.records import Record, described, parse_integer

_LONGEST_LINE = 2**20  # bytes; keeps a file without newlines out of memory
_QUOTING = (
    "texts with tabs, newlines or quotes are quoted, their own quotes doubled, as DataFrame.to_csv(sep='\\t') does"
)


def find_table(folder: Path, name: str) -> Path:
    """Return the path of `name`.tsv or `name`.tsv.gz in a folder; raises DatasetError unless exactly one is there."""
    paths = [folder / f"{name}.tsv", folder / f"{name}.tsv.gz"]
    with _failures_translated(folder):
        found = [path for path in paths if path.exists()]
    if len(found) == 1:
        return found[0]
    if found:
        raise DatasetError(f"{folder} holds both {name}.tsv and {name}.tsv.gz", hint="keep the one that is current")
    raise DatasetError(
        f"{folder} holds no {name}.tsv or {name}.tsv.gz",
        hint="a data set is a folder with questions.tsv, answers.tsv and duplicates.tsv",
    )


def read_table(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Record]:
    """Yield the rows of a table that has `columns`, and perhaps `optional` ones after them.

    A file whose first line starts with a number instead of a column name has no header, as the files of 2019; its
    columns are then `columns` and `optional` in that order.

    Raises DatasetError for a file that is missing, unreadable, empty, truncated, not UTF-8, badly quoted, or without a
    needed column; the message names the file and the line.
    """
    with _failures_translated(path):
        rows = _rows(path)
        line, header = next(rows, (0, []))
        if not header:
            raise DatasetError(f"{path.name} is empty", hint=f"its first line names the columns: {', '.join(columns)}")
        if _is_data(header, columns, optional):
            header, rows = [*columns, *optional], chain([(line, header)], rows)
        _check_header(header, columns, path.name)
        for line, cells in rows:
            record = Record(path.name, "line", line, dict(zip(header, cells, strict=False)))
            if len(cells) != len(header):
                raise record.error(f"has {len(cells)} fields where the header has {len(header)}", hint=_QUOTING)
            yield record


@contextmanager
def table_writer(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Sequence[int | str]], object]]:
    """Yield a function that appends a row to a new table; read_table gives back exactly the texts that it is given."""
    with path.open("w", encoding="utf-8", newline="") as file:
        # Texts are always quoted: csv leaves a lone carriage return bare otherwise, and then cannot read it.
        writer = csv.writer(file, dialect="excel-tab", lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        file.write("\t".join(columns) + "\n")
        yield writer.writerow


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as raw:
        file = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise DatasetError(
                    f"{path.name}, line {number}: over {_LONGEST_LINE} bytes", hint="is this a TSV file?"
                )
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise DatasetError(
                    f"{path.name}, line {number}: not valid UTF-8", hint="save the file as UTF-8"
                ) from error


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of the line on which it starts; blank lines are skipped."""
    reader = csv.reader(_lines(path), dialect="excel-tab", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DatasetError(f"{path.name}, line {line}: {error}", hint=_QUOTING) from error
        if row is None:
            return
        if row:
            yield line, row


def _is_data(first: list[str], columns: Sequence[str], optional: Sequence[str]) -> bool:
    return parse_integer(first[0]) is not None and len(first) == len(columns) + len(optional)


def _check_header(header: list[str], columns: Sequence[str], file: str) -> None:
    for column in columns:
        if header.count(column) != 1:
            found = ", ".join(described(name) for name in header[:12])
            problem = "no column" if column not in header else "more than one column"
            raise DatasetError(f"{file} has {problem} {column!r}; it has {found}", hint=f"needed: {', '.join(columns)}")


@contextmanager
def _failures_translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(
            f"{path.name} is truncated or damaged: {error}", hint="fetch or compress the file again"
        ) from error
    except OSError as error:
        raise DatasetError(
            f"cannot read {path}: {error.strerror or error}", hint="check the path and its permissions"
        ) from error
