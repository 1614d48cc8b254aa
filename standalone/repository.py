"""The model repository as the operator left it: which models can be served."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standalone.errors import SetupError

# Triton starts the stub with `bash -c` and puts paths, model names among them, on that line without quotes.
SHELL_SAFE = re.compile(r"[A-Za-z0-9._/-]+")

CONVERT_HINT = "publish a model first: scoring convert faq, scoring convert resnet152"


@dataclass(frozen=True, slots=True)
class Repository:
    """Models of a repository folder: those with a version, and those with a config alone."""

    folder: Path
    served: tuple[str, ...]
    without_version: tuple[str, ...]


def read(folder: Path) -> Repository:
    """Look through a model repository.

    Raises SetupError when the folder is missing, a model has an impossible name, or none has a version.
    """
    if not folder.is_dir():
        raise SetupError(f"the model repository {folder} is not a folder", CONVERT_HINT)
    models = sorted(path.name for path in folder.iterdir() if _has_config(path))
    odd = next((name for name in models if not SHELL_SAFE.fullmatch(name)), None)
    if odd:
        raise SetupError(f"Triton cannot serve a model named {odd!r}", "use only letters, digits and ._- in its name")
    served = tuple(name for name in models if versions(folder / name))
    if not served:
        raise SetupError(f"no model in the repository {folder} has a version", CONVERT_HINT)
    return Repository(folder.resolve(), served, tuple(name for name in models if name not in served))


def versions(model: Path) -> list[int]:
    """Return the published versions of a model folder, oldest first."""
    return sorted(int(path.name) for path in model.iterdir() if path.name.isdecimal() and path.is_dir())


def newest(model: Path) -> Path | None:
    """Return the folder of a model's newest version, the one that Triton serves; None when there is none."""
    published = versions(model)
    return model / str(published[-1]) if published else None


def card(model: Path) -> dict[str, Any]:
    """Return what `scoring convert` wrote about a model's newest version, {} for a version that it did not publish."""
    version = newest(model)
    try:
        found = json.loads((version / "model.json").read_text()) if version else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _has_config(model: Path) -> bool:
    return (model / "config.pbtxt").is_file() or (model / "configs").is_dir()
