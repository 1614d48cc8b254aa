"""The API key that requests carry: from a file or the environment, never from the command line."""

import os
from pathlib import Path

from loadtest.errors import LoadTestError

VARIABLE = "SCORING_API_KEY"
_HINT = f"give the key with --key-file FILE or {VARIABLE}"


def read_key(file: Path | None) -> str:
    """Return the key in the file or, without one, in the environment; "" where there is none. Raises LoadTestError."""
    key = os.environ.get(VARIABLE, "") if file is None else _read(file)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise LoadTestError("the API key holds white space or letters that no key has", _HINT)
    return key


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise LoadTestError(f"{file} cannot be read: {reason}", _HINT) from None
