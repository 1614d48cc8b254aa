"""A page on disk."""

import os
from pathlib import Path

from loadtest.errors import LoadTestError


def save(html: str, path: Path) -> None:
    """Write a page as a whole or not at all, in place of the one before. Raises LoadTestError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(html, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise LoadTestError(f"{path} cannot be written: {error.strerror}", "choose another folder") from None
