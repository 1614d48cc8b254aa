"""Schemas of Kubernetes and of custom resources, as the API server applies them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from doctor.manifests.resource import Resource
from k8s.render import crds, kubernetes
from k8s.render.errors import RenderError
from k8s.render.finding import Finding
from k8s.render.tools import RELEASES

WIDGET: dict[str, Any] = {
    "kind": "CustomResourceDefinition",
    "spec": {
        "group": "monitoring.coreos.com",
        "names": {"kind": "Widget"},
        "versions": [
            {"name": "v1alpha1", "served": False, "schema": {"openAPIV3Schema": {"type": "object"}}},
            {"name": "v1", "served": True, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {
                "type": "object",
                "required": ["size", "mode"],
                "properties": {
                    "size": {"type": "integer", "format": "int32"},
                    "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
                    "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "none": {"type": "string", "nullable": True},
                    "ip": {"type": "string", "format": "ipv4"},
                    "until": {"type": "string", "format": "date-time"},
                    "items": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                        "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                    },
                },
            }}}}},
        ],
    },
}  # fmt: skip


def resource(api_version: str, kind: str, spec: dict[str, Any], **metadata: Any) -> Resource:
    """An object."""
    return Resource("x", {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", **metadata}, "spec": spec})


def widget(folder: Path, spec: dict[str, Any], version: str = "monitoring.coreos.com/v1", **metadata: Any) -> str:
    """What is said of a custom resource."""
    (folder / "crds.yaml").write_text(yaml.safe_dump({"kind": "List", "items": [WIDGET]}))
    made = resource(version, "Widget", spec, **metadata)
    definitions = crds.read(folder)
    assert definitions.knows(made)
    return said(list(definitions.faults(made, kubernetes.release("1.34"))))


def said(findings: list[Finding]) -> str:
    """Findings in lines."""
    return "\n".join(f"{each.field}: {each.problem}; {each.advice}" for each in findings)


@pytest.mark.parametrize(
    "spec",
    [
        {"size": 1},
        {"size": 1, "port": 80, "none": None, "free": {"any": {"thing": 1}}},
        {"size": 1, "port": "http", "labels": {"a": "b"}, "ip": "10.0.0.1", "until": "2030-01-01T00:00:00Z"},
        {"size": 1, "items": [{"name": "a"}, {"name": "b"}]},
    ],
)
def test_sound_custom_resource_passes(tmp_path: Path, spec: dict[str, Any]) -> None:
    """Defaults are filled in, fields that are kept may be anything."""
    assert widget(tmp_path, spec) == ""


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"size": 1, "sise": 1}, "spec.sise: there is no such field; did you mean size?"),
        ({"size": 1, "items": [{"nam": "a"}]}, "spec.items[0].nam: there is no such field; did you mean name?"),
        ({}, "spec: it lacks size; kubectl explain widget.spec"),
        ({"size": "1"}, "spec.size: '1' is not a whole number"),
        ({"size": 2**31}, "is no int32"),
        ({"size": 1, "mode": "c"}, "'c' is none of a, b"),
        ({"size": 1, "port": 1.5}, "spec.port"),
        ({"size": 1, "labels": {"a": 1}}, "spec.labels.a: 1 is not text"),
        ({"size": 1, "mode": None}, "spec.mode"),
        ({"size": 1, "ip": "10.0.0"}, "is no ipv4"),
        ({"size": 1, "until": "tomorrow"}, "is no date-time"),
        ({"size": 1, "items": [{"name": "a"}, {"name": "a"}]}, "two of its elements have name a"),
    ],
)
def test_wrong_custom_resource_is_refused(tmp_path: Path, spec: dict[str, Any], words: str) -> None:
    """With the place, and what stands there."""
    assert words in widget(tmp_path, spec)


def test_version_that_is_not_served_is_refused(tmp_path: Path) -> None:
    """What is served is named."""
    found = widget(tmp_path, {}, "monitoring.coreos.com/v1alpha1")
    assert found == "apiVersion: there is no Widget in monitoring.coreos.com/v1alpha1; its CRD serves v1"


def test_metadata_of_custom_resources_is_validated(tmp_path: Path) -> None:
    """Definitions say nothing about it."""
    assert "metadata.labls: there is no such field; did you mean labels?" in widget(tmp_path, {"size": 1}, labls={})


def test_azure_monitors_group_has_the_same_schemas(tmp_path: Path) -> None:
    """Azure Monitor's Prometheus takes the objects of the Prometheus operator under a group of its own."""
    assert widget(tmp_path, {"size": 1}, "azmonitoring.coreos.com/v1") == ""
    assert "no such field" in widget(tmp_path, {"size": 1, "x": 1}, "azmonitoring.coreos.com/v1")


def test_other_groups_are_not_known(tmp_path: Path) -> None:
    """They are named as not validated, and never passed in silence."""
    (tmp_path / "crds.yaml").write_text(yaml.safe_dump(WIDGET))
    assert not crds.read(tmp_path).knows(resource("example.com/v1", "Widget", {}))


@pytest.mark.parametrize("content", ["", "kind: Deployment", "a: b: c"])
def test_folder_without_definitions_is_refused(tmp_path: Path, content: str) -> None:
    """With the command that writes them."""
    (tmp_path / "crds.yaml").write_text(content)
    with pytest.raises(RenderError) as caught:
        crds.read(tmp_path)
    assert "kubectl get crd" in caught.value.hint


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (resource("v1", "Service", {"ports": [{"port": 1}, {"port": 1}]}), "two of its elements have port 1"),
        (resource("v1", "Service", {"clusterIp": "None"}), "did you mean clusterIP?"),
        (resource("v1", "Service", {"ports": {}}), "{} is not a list"),
        (resource("v2", "Service", {}), "there is no Service in v2"),
        (resource("batch/v1beta1", "CronJob", {}), "write apiVersion: batch/v1"),
        (resource("apps/v1", "Deploiment", {}), "is Deploiment spelt right?"),
    ],
)
def test_wrong_object_of_kubernetes_is_refused(made: Resource, words: str) -> None:
    """By every release, which is said once."""
    found = list(kubernetes.faults([made], RELEASES))
    assert words in said(found)
    assert all("(Kubernetes 1.33, 1.34, 1.35, 1.36)" in each.problem for each in found)


def test_field_of_a_newer_release_is_refused_by_the_older() -> None:
    """The newest release that is asked about must not hide what others lack."""
    pod = resource("v1", "Pod", {"containers": [{"name": "a", "restartPolicyRules": []}]})
    found = list(kubernetes.faults([pod], ("1.33", "1.36")))
    assert [each.problem for each in found] == ["there is no such field (Kubernetes 1.33)"]


def test_release_without_schemas_is_refused() -> None:
    """Those that there are are named."""
    with pytest.raises(RenderError) as caught:
        kubernetes.release("1.99")
    assert "1.36" in caught.value.hint
