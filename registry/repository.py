"""A model repository on this machine: which of its files belong to a release."""

from collections.abc import Iterator
from pathlib import Path

from registry import content, names
from registry.errors import RefusedError, RegistryError
from registry.names import is_path, is_version
from registry.release import MOST_FILES, File

_LABELS = ".txt"
_CONFIG = ".pbtxt"


def files(folder: Path, keep: int) -> tuple[File, ...]:
    """Measure what belongs to a release: each model's configs and labels, and its `keep` newest versions.

    Hidden files and folders do not belong to it, such as those of a publishing that was interrupted; neither do models
    without a version, which Triton cannot serve.

    Raises RefusedError when nothing does, or for a link, a name or a file that no release can hold; RegistryError for a
    folder that cannot be read.
    """
    try:
        paths = sorted(_paths(folder, keep), key=lambda path: path.relative_to(folder).as_posix())
        return tuple(_measured(path, folder) for path in paths)
    except OSError as error:
        raise RegistryError(
            f"{error.filename or folder}: {error.strerror}",
            "name a model repository that you may read: --model-repository",
        ) from None


def _paths(folder: Path, keep: int) -> list[Path]:
    found = [path for model in _visible(folder) if model.is_dir() for path in _of_model(model, keep)]
    if not found:
        raise RefusedError(
            f"no model in {folder} has a config and a version",
            "publish one: scoring convert faq, scoring convert resnet152",
        )
    if len(found) > MOST_FILES:
        raise RefusedError(f"{folder} has more than {MOST_FILES:,} files", "push fewer versions: --keep")
    return found


def _of_model(model: Path, keep: int) -> Iterator[Path]:
    configs = [model / names.CONFIG] if (model / names.CONFIG).exists() else []
    if (model / names.CONFIGS).is_dir():
        configs += [path for path in _visible(model / names.CONFIGS) if path.suffix == _CONFIG]
    versions = sorted((path for path in _visible(model) if is_version(path.name)), key=lambda path: int(path.name))
    if configs and versions:
        yield from configs
        yield from (path for path in _visible(model) if path.suffix == _LABELS)
        for version in versions[-keep:]:
            yield from _all_files(version)


def _all_files(folder: Path) -> Iterator[Path]:
    _refuse_link(folder)
    for path in _visible(folder):
        if path.is_dir():
            yield from _all_files(path)
        else:
            yield path


def _measured(path: Path, folder: Path) -> File:
    name = path.relative_to(folder).as_posix()
    _refuse_link(path)
    if not is_path(name):
        raise RefusedError(f"no release can hold {name!r}", "rename it: letters, digits and ._+@=- alone")
    return content.measured(path, name)


def _visible(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise RefusedError(f"{path} is a symbolic link", "put the files themselves into the model repository")
