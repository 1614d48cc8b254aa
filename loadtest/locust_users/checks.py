"""What would only show when it is too late: found before a run starts."""

import os
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryFile

from loadtest.errors import LoadTestError

KEY_VARIABLE = "SCORING_API_KEY"


def check(options: Namespace) -> None:
    """Look at the options and the key. Raises LoadTestError."""
    _check_key(os.environ.get(KEY_VARIABLE, ""))
    if options.host and not options.host.startswith(("http://", "https://")):
        raise LoadTestError(f"--host {options.host} is no URL", "write it as http://NAME:PORT")
    for name, path in (("--html", options.html_file), ("--json-file", options.json_file)):
        if path:
            _check_writable(name, Path(path))


def _check_key(key: str) -> None:
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise LoadTestError(
            f"{KEY_VARIABLE} holds white space or letters that no key has", "look at where it comes from"
        )


def _check_writable(option: str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):  # the name itself may hold places that Locust fills in later
            return
    except OSError as error:
        raise LoadTestError(f"{option} {path} cannot be written: {error.strerror}", "name another file") from None
