"""The overlays as kustomize renders them, the objects in them, and copies of k8s that a test may change."""

import shutil
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

K8S = Path(__file__).parents[3] / "k8s"
AKS = ("aks", "aks-cpu", "aks-gpu")
OVERLAYS = (*AKS, "local")

Object = dict[str, Any]
Objects = list[Object]

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl, which renders, is not installed")


def rendered(overlay: str) -> Objects:
    """Return the objects of an overlay, the caller's own to change."""
    return deepcopy(_rendered(K8S / "overlays" / overlay))


@cache
def _rendered(folder: Path) -> Objects:
    return render(folder)


def render(folder: Path) -> Objects:
    """Return what kustomize makes of a folder."""
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def copy_of_k8s(folder: Path) -> Path:
    """Copy k8s without its programs, and return where it is."""
    return Path(shutil.copytree(K8S, folder / "k8s", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def find(objects: Objects, kind: str, name: str) -> Object:
    """Return the object of a kind and name; there must be one."""
    (found,) = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def of(objects: Objects, kind: str) -> Objects:
    """Return the objects of a kind."""
    return [each for each in objects if each["kind"] == kind]


def pod_spec(workload: Object) -> Object:
    """Return the pod's spec of a Deployment or CronJob."""
    spec = workload["spec"]
    template = spec["jobTemplate"]["spec"]["template"] if workload["kind"] == "CronJob" else spec["template"]
    found: Object = template["spec"]
    return found


def container(workload: Object, name: str) -> Object:
    """Return a container, or one that runs before or beside it, by its name."""
    (found,) = [each for each in containers(workload) if each["name"] == name]
    return found


def containers(workload: Object) -> Objects:
    """Return all containers of a workload, those of its start first."""
    spec = pod_spec(workload)
    return [*spec.get("initContainers", []), *spec["containers"]]


def workloads(objects: Objects) -> Objects:
    """Return what runs pods."""
    return [*of(objects, "Deployment"), *of(objects, "CronJob")]


def flag(workload: Object, name: str) -> str:
    """Return the value of a flag of Triton's."""
    (found,) = [each for each in container(workload, "triton")["args"] if each.startswith(f"--{name}=")]
    return str(found.partition("=")[2])


def settings(objects: Objects) -> dict[str, str]:
    """Return the gateway's settings."""
    source = container(find(objects, "Deployment", "gateway"), "gateway")["envFrom"][0]["configMapRef"]["name"]
    found: dict[str, str] = find(objects, "ConfigMap", source)["data"]
    return found


def texts(value: Any) -> Iterator[str]:
    """Yield all texts of an object."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
