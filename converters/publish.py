"""Publishing: a new version appears in the Triton repository complete, or not at all."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from converters.errors import PublishError
from converters.staging import staged_folder


def versions(model_folder: Path) -> list[int]:
    """The versions of a model, ascending; empty when the folder does not exist."""
    if not model_folder.is_dir():
        return []
    return sorted(int(path.name) for path in model_folder.iterdir() if path.is_dir() and path.name.isdecimal())


def latest(model_folder: Path) -> Path | None:
    """Folder of the newest version."""
    known = versions(model_folder)
    return model_folder / str(known[-1]) if known else None


def description(version_folder: Path) -> dict[str, Any]:
    """What `model.json` of a version says; empty when it is missing or unreadable."""
    try:
        loaded: dict[str, Any] = json.loads((version_folder / "model.json").read_text())
    except (OSError, ValueError):
        return {}
    return loaded


def publish(model_folder: Path, config: str, write: Callable[[Path, int], None]) -> Path:
    """Let `write(folder, version)` fill a staging folder, move it into place and set `config.pbtxt`.

    Raises PublishError when the repository cannot be written; then nothing of the new version is left.
    """
    version = (versions(model_folder) or [0])[-1] + 1
    target = model_folder / str(version)
    with staged_folder(target, PublishError) as staging:
        write(staging, version)
    _replace(model_folder / "config.pbtxt", config)
    return target


def _replace(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        beside.write_text(text)
        beside.replace(path)
    except OSError as reason:
        beside.unlink(missing_ok=True)
        raise PublishError(
            f"cannot write {path}: {reason.strerror or reason}",
            hint="give the model repository to a user who may write to it",
        ) from reason
