"""Folders that appear complete or not at all: written beside their place, then renamed into it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from converters.errors import ConversionError


@contextmanager
def staged_folder(target: Path, error: type[ConversionError]) -> Iterator[Path]:
    """Yield an empty folder beside `target` that takes its name when the block ends well, and is deleted otherwise.

    Parent folders are created. `target` must not exist, or be an empty folder.

    Raises `error` when something is there already, or when the file system refuses (read-only, full, no permission).
    """
    staging = target.parent / f".staging-{target.name}-{os.getpid()}"
    try:
        _refuse_occupied(target, error)
        target.parent.mkdir(parents=True, exist_ok=True)
        staging.mkdir()
        yield staging
        staging.rename(target)
    except OSError as reason:
        raise error(
            f"cannot write {target}: {reason.strerror or reason}",
            hint="choose a folder that you may write to, on a disk with free space",
        ) from reason
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _refuse_occupied(target: Path, error: type[ConversionError]) -> None:
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists() or target.is_symlink():
        raise error(f"{target} exists already", hint="name a folder that does not exist yet, or remove this one first")
