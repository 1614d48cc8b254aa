"""Where a release comes from: who, when, from which source, with which libraries."""

import json
import os
import pwd
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from registry import names
from registry.release import File, Origin

_LONGEST = 1000  # characters of a note
_GIT_SECONDS = 10


def now() -> str:
    """Return the time, ISO 8601 in UTC, to the millisecond: it orders releases."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def somebody() -> str:
    """Return user and host; in a pod the user may have a number alone."""
    name = str(os.getuid())
    with suppress(KeyError):
        name = pwd.getpwuid(os.getuid()).pw_name
    return _note(f"{name}@{socket.gethostname()}")


def origin(folder: Path, files: Iterable[File], message: str, revision: str | None) -> Origin:
    """Describe a release of a model repository; git is asked for a revision that is not given."""
    return Origin(
        created=now(),
        by=somebody(),
        message=_note(message),
        revision=_note(_git_revision(folder) if revision is None else revision),
        libraries=_libraries(folder, files),
    )


def read_object(path: Path) -> dict[str, Any]:
    """Return a JSON object, {} for whatever else lies there."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _libraries(folder: Path, files: Iterable[File]) -> dict[str, dict[str, str]]:
    """What the certificates say the versions were made with."""
    found = {}
    for file in files:
        version, _, name = file.path.rpartition("/")
        if name == names.PARITY:
            libraries = read_object(folder / file.path).get("libraries")
            if isinstance(libraries, dict):
                found[version] = {_note(key): _note(str(value)) for key, value in libraries.items()}
    return found


def _git_revision(folder: Path) -> str:
    """Return the commit that the folder's tree stands at, with a plus where tracked files differ; empty without git."""
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        changed = commit and _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit}+" if changed else commit


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _note(text: str) -> str:
    """Return one line that a terminal shows as it is."""
    line = " ".join(text.split())
    return "".join(character for character in line if character.isprintable())[:_LONGEST]
