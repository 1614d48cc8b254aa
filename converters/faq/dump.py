"""Streams the rows of a Stack Exchange dump file (`<row Id="1" …/>` in one root element) with bounded memory.

Nothing but the row at hand is kept, so a file of 100 GB needs no more memory than one of 100 kB. Document type
declarations are refused, and with them every entity trick; dumps have none.
"""

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat

from rich.progress import Progress

from converters.errors import DatasetError
from converters.faq.records import Record

_CHUNK = 2**18  # bytes
_LONGEST_ROW = 2**22  # bytes; posts are limited to 30,000 characters


def dump_rows(path: Path, progress: Progress, description: str) -> Iterator[Record]:
    """Yield the rows of a dump file, plain or compressed (`.gz`, `.bz2`); a bar shows the bytes read.

    Raises DatasetError for a file that is missing, unreadable, truncated, not XML, or has a document type declaration.
    """
    number = 0
    try:
        with path.open("rb") as raw, progress.wrap_file(raw, path.stat().st_size, description=description) as counted:
            for cells in _parsed(_decompressed(path, counted), path.name):
                number += 1
                yield Record(path.name, "row", number, cells)
    except expat.ExpatError as error:
        reason = f"{path.name}: {expat.ErrorString(error.code)} after row {number} (line {error.lineno})"
        raise DatasetError(reason, hint="the file is truncated or damaged; fetch or unpack it again") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"{path.name} is truncated or damaged after row {number}: {error}"
        raise DatasetError(reason, hint="fetch or compress the file again") from error
    except OSError as error:
        reason = f"cannot read {path}: {error.strerror or error}"
        raise DatasetError(
            reason, hint="unpack the dump (7z x …-Posts.7z) and name Posts.xml and PostLinks.xml"
        ) from error


def _decompressed(path: Path, file: BinaryIO) -> BinaryIO:
    match path.suffix:
        case ".gz":
            return cast("BinaryIO", gzip.GzipFile(fileobj=file))
        case ".bz2":
            return cast("BinaryIO", bz2.BZ2File(file))
        case _:
            return file


def _parsed(file: BinaryIO, name: str) -> Iterator[dict[str, str]]:
    """Yield the attributes of each row element."""
    rows: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            rows.append(attributes)

    def refuse(*_: object) -> None:
        raise DatasetError(
            f"{name} has a document type declaration", hint="real dumps have none: do not trust this file"
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    fed = 0
    while chunk := file.read(_CHUNK):
        parser.Parse(chunk)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > _LONGEST_ROW:
            raise DatasetError(
                f"{name} has a row of over {_LONGEST_ROW} bytes", hint="is this a Stack Exchange dump file?"
            )
        yield from rows
        rows.clear()
    parser.Parse(b"", True)  # noqa: FBT003 - expat names no parameters; says that the file ends here
