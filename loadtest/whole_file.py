"""Files that are there as a whole or not at all, however a run ends."""

import os
from pathlib import Path

from loadtest.errors import LoadTestError


def write(text: str, path: Path) -> None:
    """Write a file in place of the one before. Raises LoadTestError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise LoadTestError(f"{path} cannot be written: {error.strerror}", "choose another folder") from None
