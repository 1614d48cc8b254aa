"""One row of a table or a dump, and where it stands: the source of every error message about data."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from converters.errors import DatasetError

# pandas writes whole numbers as 12.0 when a column has gaps
_INTEGER = re.compile(r"(-?[0-9]{1,19})(?:\.0)?", re.ASCII)
_OVER_INT64 = 2**63


class Record(NamedTuple):
    """The cells of one row by column name; `unit` says what `number` counts ("line" of a table, "row" of a dump)."""

    file: str
    unit: str
    number: int
    cells: Mapping[str, str]

    def integer(self, column: str, default: int | None = None) -> int:
        """Return a cell as a 64-bit integer; an absent or empty cell gives `default`.

        Raises DatasetError for anything that is not an integer, and for an absent cell when there is no default.
        """
        value = self.cells.get(column, "").strip()
        if not value and default is not None:
            return default
        if not value:
            raise self.error(f"has no {column}", hint=f"every {self.unit} needs a number there")
        number = parse_integer(value)
        if number is None:
            raise self.error(
                f"{column} is {described(value)}, not an integer", hint="ids are whole numbers of at most 64 bits"
            )
        return number

    def text(self, column: str) -> str:
        """Return a cell as it stands; an absent one is empty."""
        return self.cells.get(column, "")

    def error(self, problem: str, *, hint: str) -> DatasetError:
        """Return (not raise) the error that this row has `problem`."""
        return DatasetError(f"{self.file}, {self.unit} {self.number}: {problem}", hint=hint)


def parse_integer(value: str) -> int | None:
    """Return `value` as a 64-bit integer, None when it is none."""
    match = _INTEGER.fullmatch(value)
    number = int(match[1]) if match else _OVER_INT64
    return number if -_OVER_INT64 <= number < _OVER_INT64 else None


def described(value: str) -> str:
    """Return a value for a message: quoted when it is a short word, else only its length: texts are private."""
    if len(value) <= 24 and not any(character.isspace() for character in value):
        return repr(value)
    return f"a text of {len(value)} characters"
