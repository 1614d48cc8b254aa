"""Command lines as reports show them."""

import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def typed_command(program: str = "scoring") -> str:
    """Return what the user typed, `program` and its arguments."""
    return _without_temporary(f"{program} {shlex.join(sys.argv[1:])}".rstrip())


def shown(command: Sequence[str]) -> str:
    """Return a server's command line as a user would type it."""
    # The environment's place on this machine is nobody's business.
    words = command[2:] if command[1] == "-m" else command
    return _without_temporary(shlex.join([Path(words[0]).name, *words[1:]]))


def _without_temporary(line: str) -> str:
    """Leave out where on this machine temporary folders lie."""
    return line.replace(tempfile.gettempdir() + "/", "TMPDIR/")
