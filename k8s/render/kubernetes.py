"""Kubernetes' own kinds against the schemas of its releases; a field that a schema does not know is an error."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from json import loads
from typing import Any

from doctor.manifests.resource import Resource
from doctor.tree import mappings, text
from doctor.wording import listed
from k8s.render.errors import RenderError
from k8s.render.finding import Finding
from k8s.render.violations import Schema, violations

# The package kubernetes-validate holds them as JSON Schema; "strict" ones know their fields alone.
_SCHEMAS = files("kubernetes_validate") / "kubernetes-json-schema"
_STRICT = "-local-strict"
_NAMED = 5  # releases in a message
_METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class Release:
    """The schemas of one release, such as 1.34."""

    def __init__(self, version: str) -> None:
        file = _SCHEMAS / f"v{version}.0{_STRICT}" / "_definitions.json"
        self._definitions: dict[str, Any] = loads(file.read_text(encoding="utf-8"))["$defs"]
        self._kinds = dict(_kinds(self._definitions))
        self._groups = {group for group, _, _ in self._kinds}

    def knows(self, resource: Resource) -> bool:
        """Whether the object's group is one of Kubernetes' own."""
        return group_of(resource) in self._groups

    def faults(self, resource: Resource) -> list[Finding]:
        """What is wrong with an object of such a group."""
        name = self._kinds.get((group_of(resource), version_of(resource), resource.kind))
        if name is None:
            return [self._unknown(resource)]
        return list(violations(resource, self._schema(name)))

    def metadata_schema(self) -> Schema:
        """The schema of every object's metadata."""
        return self._schema(_METADATA)

    @cache  # noqa: B019  a release lives as long as the process
    def _schema(self, name: str) -> Schema:
        return Schema({"$ref": f"#/$defs/{name}", "$defs": self._definitions})

    def _unknown(self, resource: Resource) -> Finding:
        group, kind = group_of(resource), resource.kind
        served = sorted(version for each, version, name in self._kinds if (each, name) == (group, kind))
        there = f"write apiVersion: {_joined(group, max(served, key=_stable))}" if served else f"is {kind} spelt right?"
        return Finding(str(resource), "apiVersion", f"there is no {kind} in {text(resource.raw, 'apiVersion')}", there)


def _kinds(definitions: dict[str, Any]) -> Iterator[tuple[tuple[str, str, str], str]]:
    for name, schema in definitions.items():
        for each in mappings(schema, "x-kubernetes-group-version-kind"):
            yield (text(each, "group"), text(each, "version"), text(each, "kind")), name


def group_of(resource: Resource) -> str:
    """Return the group of an object's apiVersion; empty for the core group."""
    return text(resource.raw, "apiVersion").rpartition("/")[0]


def version_of(resource: Resource) -> str:
    """Return the version of an object's apiVersion."""
    return text(resource.raw, "apiVersion").rpartition("/")[2]


def _stable(version: str) -> tuple[bool, str]:
    return version[1:].isdecimal(), version


def _joined(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version


@cache
def releases() -> list[str]:
    """Return the releases that there are schemas of, the oldest first."""
    names = [folder.name for folder in _SCHEMAS.iterdir() if folder.name.endswith(_STRICT)]
    return sorted((name[1:].removesuffix(f".0{_STRICT}") for name in names), key=lambda each: int(each[2:]))


@cache
def release(version: str) -> Release:
    """Return the schemas of a release. Raises RenderError for one that is not installed."""
    if version not in releases():
        newest = releases()[-_NAMED:]
        raise RenderError(
            f"there are no schemas of Kubernetes {version or repr(version)}", f"there are those of {listed(newest)}"
        )
    return Release(version)


def faults(resources: Sequence[Resource], versions: Sequence[str]) -> Iterator[Finding]:
    """Judge objects by each release; what several find is told once."""
    for resource in resources:
        seen: dict[Finding, list[str]] = {}
        for version in versions:
            for finding in release(version).faults(resource):
                seen.setdefault(finding, []).append(version)
        for finding, found_by in seen.items():
            yield finding._replace(problem=f"{finding.problem} (Kubernetes {', '.join(found_by)})")
