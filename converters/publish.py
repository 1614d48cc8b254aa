"""Publishing: a new version appears in the Triton repository complete, or not at all."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
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


def publish(model_folder: Path, write: Callable[[Path, int], None], files: Mapping[str, str]) -> Path:
    """Let `write(folder, version)` fill a staging folder, move it into place and set the model's own files.

    `files` are texts by their path in the model's folder: `config.pbtxt` and what goes with it.

    Raises PublishError when the repository cannot be written; then nothing of the new version is left.
    """
    version = (versions(model_folder) or [0])[-1] + 1
    target = model_folder / str(version)
    with staged_folder(target, PublishError) as staging:
        write(staging, version)
    set_files(model_folder, files)
    return target


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write what goes beside a model for programs to read: indented, UTF-8."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def set_files(model_folder: Path, files: Mapping[str, str]) -> None:
    """Write those files that are missing or differ; each is replaced as a whole. Raises PublishError."""
    for name, text in files.items():
        _replace(model_folder / name, text)


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as reason:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise PublishError(
            f"cannot write {path}: {reason.strerror or reason}",
            hint="give the model repository to a user who may write to it",
        ) from reason
