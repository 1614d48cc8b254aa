"""Committed files against what they would be now."""

from collections.abc import Callable, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

import yaml

from doctor.files import UnreadableError, read_text
from doctor.manifests import documents
from doctor.tree import text
from k8s.render.finding import Finding

_LARGEST = 16 << 20  # bytes
_SHOWN = 12  # lines of a difference
_MEND = "look at the difference and run: scoring render (or make render)"
_HEADER = "# `scoring render` wrote this from k8s/overlays/{}; change what it is made of, and run it again.\n"

Same = Callable[[str, str], bool]


def with_header(overlay: str, manifests: str) -> str:
    """Return an overlay's file: what kustomize printed, and above it where it comes from."""
    return _HEADER.format(overlay) + manifests


def bring_up_to_date(path: Path, content: str, same: Same, *, check: bool) -> Iterator[Finding]:
    """Write a file that is not `same` as it should be; with `check`, say so instead."""
    try:
        found = read_text(path, _LARGEST)
    except UnreadableError as error:
        if check:
            yield Finding(_shown(path), "", f"the committed file {error}", _MEND)
        found = None
    if found is not None and same(found, content):
        return
    if not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    elif found is not None:
        yield Finding(_shown(path), "", f"the committed file is not current:\n{_difference(found, content)}", _MEND)


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts are the same."""
    return one == other


def same_objects(one: str, other: str) -> bool:
    """Tell whether two texts describe the same objects: another kustomize may order and quote them differently."""
    try:
        return _objects(one) == _objects(other)
    except (yaml.YAMLError, ValueError):
        return False


def _objects(content: str) -> dict[tuple[str, ...], Any]:
    found = [each for each in yaml.load_all(content, documents.LOADER) if each is not None]
    return {_identity(each): each for each in found}


def _identity(document: Any) -> tuple[str, ...]:
    names = (("apiVersion",), ("kind",), ("metadata", "namespace"), ("metadata", "name"))
    return tuple(text(document, *path) for path in names)


def _difference(old: str, new: str) -> str:
    lines = list(unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm=""))[2:]
    more = [f"... and {len(lines) - _SHOWN} more lines"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more])


def obsolete(folder: Path, known: set[str], *, check: bool) -> Iterator[Finding]:
    """Remove files of k8s/rendered that no overlay makes any more; with `check`, say so instead."""
    for path in sorted((folder / "rendered").glob("*.yaml")):
        if path.stem not in known:
            if check:
                yield Finding(_shown(path), "", "there is no overlay of its name", _MEND)
            else:
                path.unlink()


def _shown(path: Path) -> str:
    return "/".join(path.parts[-2:])
