"""Manifest files: YAML documents, read with bounds on what they may cost."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from doctor.files import UnreadableError, entries, read_text
from doctor.manifests.resource import Resource
from doctor.manifests.workloads import KINDS, Workload
from doctor.tree import mapping, text

LARGEST = 4 << 20  # bytes of a file
STDIN = Path("-")
_MOST_FILES = 1000
_MOST_DEPTH = 60
_SUFFIXES = (".yaml", ".yml")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be looked into, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Manifests:
    """All objects of all files."""

    resources: Sequence[Resource]
    unreadable: Sequence[Unreadable]

    @cached_property
    def workloads(self) -> list[Workload]:
        """What runs pods."""
        return [Workload(each.file, each.raw, self.config_maps) for each in self.resources if each.kind in KINDS]

    @cached_property
    def config_maps(self) -> dict[str, dict[str, Any]]:
        """Data of the ConfigMaps by name."""
        return {each.name: mapping(each.raw, "data") for each in self.of("ConfigMap")}

    def of(self, *kinds: str) -> list[Resource]:
        """The objects of some kinds."""
        return [each for each in self.resources if each.kind in kinds]


def read(paths: Sequence[Path]) -> Manifests:
    """Read files, and the YAML files of folders."""
    resources: list[Resource] = []
    unreadable: list[Unreadable] = []
    for path in _files(paths):
        try:
            found = list(_documents(path))
            resources.extend(found)
            if not found:
                unreadable.append(Unreadable(str(path), "holds no Kubernetes object"))
        except UnreadableError as error:
            unreadable.append(Unreadable(str(path), str(error)))
    return Manifests(resources, unreadable)


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found.extend((each for each in entries(path) if each.suffix in _SUFFIXES) if path.is_dir() else (path,))
    return found[:_MOST_FILES]


def _content(path: Path) -> str:
    if path != STDIN:
        return read_text(path, LARGEST)
    content = sys.stdin.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UnreadableError(f"has more than {LARGEST:,} characters")
    return content


def _documents(path: Path) -> Iterator[Resource]:
    content = _content(path)
    try:
        _refuse_aliases(content)
        for document in yaml.load_all(content, LOADER):
            yield from _objects(str(path), document)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError, TypeError) as error:
        raise UnreadableError(f"is not YAML: {error}") from None


def _refuse_aliases(content: str) -> None:
    """What `kubectl kustomize` prints has neither aliases nor deep nesting; both can make a small file cost a lot."""
    depth = 0
    for event in yaml.parse(content, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableError(f"uses the YAML alias *{event.anchor}; render it with `kubectl kustomize` first")
        if depth > _MOST_DEPTH:
            raise UnreadableError(f"is nested more than {_MOST_DEPTH} levels deep")


def _objects(file: str, document: Any) -> Iterator[Resource]:
    found = mapping(document)
    if text(found, "kind") == "List":
        items = found.get("items")
        for item in items if isinstance(items, list) else ():
            yield from _objects(file, item)
    elif text(found, "kind") and text(found, "apiVersion"):
        yield Resource(file, found)
    elif document is not None:
        raise UnreadableError("holds a document without kind and apiVersion: it is no Kubernetes object")
