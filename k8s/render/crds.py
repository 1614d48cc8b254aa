"""Custom resources against the schemas of their definitions (CRDs), as the API server prunes and validates.

A structural schema says which fields there are (Kubernetes' documentation, "Extend the Kubernetes API with
CustomResourceDefinitions"); the API server drops others without a word, here they are errors. Rules in CEL
(x-kubernetes-validations) are not evaluated.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from doctor.files import UnreadableError, entries, read_text
from doctor.manifests import documents
from doctor.manifests.resource import Resource
from doctor.tree import at, mapping, mappings, text
from doctor.wording import listed
from k8s.render.errors import RenderError
from k8s.render.finding import Finding
from k8s.render.kubernetes import Release, group_of, version_of
from k8s.render.violations import Schema, violations

_LARGEST = 256 << 20  # bytes: `kubectl get crd -o yaml` of a whole cluster
_KEPT = "x-kubernetes-preserve-unknown-fields"
# Azure Monitor's managed Prometheus takes the same objects under a group of its own (Azure Monitor's documentation,
# "Create custom Prometheus scrape job from your Kubernetes cluster").
_ALIASES = {"azmonitoring.coreos.com": "monitoring.coreos.com"}

Kind = tuple[str, str]  # group, kind


class Definitions:
    """The schemas of a folder's CRDs, by group, kind and version."""

    def __init__(self, schemas: Mapping[Kind, Mapping[str, Schema]]) -> None:
        self._schemas = schemas

    def knows(self, resource: Resource) -> bool:
        """Whether the object's kind is defined, in whatever version."""
        return self._versions(resource) is not None

    def faults(self, resource: Resource, release: Release) -> Iterator[Finding]:
        """What is wrong with an object of such a kind; its metadata is judged as that of every object."""
        versions = self._versions(resource) or {}
        schema = versions.get(version_of(resource))
        if schema is None:
            version = text(resource.raw, "apiVersion")
            problem = f"there is no {resource.kind} in {version}"
            yield Finding(str(resource), "apiVersion", problem, f"its CRD serves {listed(versions)}")
            return
        yield from violations(resource, release.metadata_schema(), "metadata")
        yield from violations(resource, schema)

    def _versions(self, resource: Resource) -> Mapping[str, Schema] | None:
        group = group_of(resource)
        found = self._schemas.get((group, resource.kind))
        return self._schemas.get((_ALIASES.get(group, ""), resource.kind)) if found is None else found


def read(folder: Path) -> Definitions:
    """Read the CRDs of a folder's YAML files, lists of them too. Raises RenderError where there are none."""
    schemas: dict[Kind, dict[str, Schema]] = {}
    for path in entries(folder):
        if path.suffix not in {".yaml", ".yml"}:
            continue
        try:
            contents = list(yaml.load_all(read_text(path, _LARGEST), documents.LOADER))
        except (UnreadableError, yaml.YAMLError) as error:
            raise RenderError(f"{path}: {error}", "kubectl get crd -o yaml writes what is wanted") from None
        for document in contents:
            for definition in mappings(document, "items") or [mapping(document)]:
                schemas.update(_schemas(definition))
    if not schemas:
        raise RenderError(
            f"there is no CustomResourceDefinition in {folder}", "kubectl get crd -o yaml > DIR/crds.yaml"
        )
    return Definitions(schemas)


def _schemas(definition: Mapping[str, Any]) -> Iterator[tuple[Kind, dict[str, Schema]]]:
    if text(definition, "kind") == "CustomResourceDefinition":
        spec = mapping(definition, "spec")
        kind = text(spec, "group"), text(spec, "names", "kind")
        served = [each for each in mappings(spec, "versions") if at(each, "served") is True]
        yield kind, {text(each, "name"): Schema(_root(mapping(each, "schema", "openAPIV3Schema"))) for each in served}


def _root(schema: dict[str, Any]) -> dict[str, Any]:
    """Every object has these three, and CRDs need not say so."""
    closed = closed_schema(schema)
    named = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    return {**closed, "properties": {**closed.get("properties", {}), **named}}


def closed_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON Schema for a structural schema, in which fields that it would prune are errors."""
    found = dict(schema)
    properties = mapping(schema, "properties")
    if schema.get("x-kubernetes-int-or-string"):
        found["type"] = ["integer", "string"]
    if schema.get("nullable") and "type" in found:
        found["type"] = [*_types(found["type"]), "null"]
    if schema.get("type") == "object":
        found["properties"] = {key: closed_schema(each) for key, each in properties.items()}
        if schema.get("x-kubernetes-embedded-resource"):
            found["properties"] |= {key: {} for key in ("apiVersion", "kind", "metadata")}
        others = schema.get("additionalProperties", bool(schema.get(_KEPT)))
        found["additionalProperties"] = closed_schema(others) if isinstance(others, Mapping) else others
        # Defaults are filled in before anything is missed.
        found["required"] = [key for key in schema.get("required", ()) if "default" not in properties.get(key, {})]
    if isinstance(schema.get("items"), Mapping):
        found["items"] = closed_schema(schema["items"])
    return found


def _types(types: str | Sequence[str]) -> list[str]:
    return [types] if isinstance(types, str) else list(types)
