"""Reading files that nobody has checked: of bounded size, regular, and text where text is expected."""

import json
import stat
from pathlib import Path
from typing import Any


class UnreadableError(Exception):
    """A file cannot be looked into; the message completes "the file ..."."""


def read_bytes(path: Path, most: int) -> bytes:
    """Return what is in a regular file of at most so many bytes. Raises UnreadableError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe or a device would never end
            raise UnreadableError("is not a regular file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        raise UnreadableError("is missing") from None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from None
    except ValueError:  # a zero byte in its name
        raise UnreadableError("has an impossible name") from None
    if len(content) > most:
        raise UnreadableError(f"has more than {most:,} bytes")
    return content


def read_text(path: Path, most: int) -> str:
    """Return a file's text. Raises UnreadableError, also for what is not UTF-8."""
    try:
        return read_bytes(path, most).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 text (byte {error.start:,})") from None


def read_object(path: Path, most: int) -> dict[str, Any]:
    """Return the JSON object in a file. Raises UnreadableError."""
    try:
        found = json.loads(read_text(path, most))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise UnreadableError("holds no JSON object")
    return found


def folders(path: Path) -> list[Path]:
    """Return the folders in a folder, sorted by name; none where it cannot be read."""
    return [each for each in entries(path) if _is_folder(each)]


def entries(path: Path) -> list[Path]:
    """Return what is in a folder, sorted by name; nothing where it cannot be read."""
    try:
        return sorted(path.iterdir())
    except OSError:
        return []


def size(path: Path) -> int | None:
    """Return the bytes of a regular file; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:  # gone, or a loop of symbolic links
        return False
