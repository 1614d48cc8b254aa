"""Overlays differ where they are meant to, and nowhere else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.k8s.manifests.rendering import OVERLAYS, Objects, needs_kubectl, of, rendered

pytestmark = needs_kubectl

_HASHED = "gateway-settings"


def differences(one: Objects, other: Objects) -> set[str]:
    """Return where two overlays differ: objects of one alone, and paths in objects of both."""
    first, second = _by_identity(one), _by_identity(other)
    alone = first.keys() ^ second.keys()
    both = first.keys() & second.keys()
    return alone | {f"{name} {path}" for name in both for path in _paths(first[name], second[name])}


def _by_identity(objects: Objects) -> dict[str, Any]:
    return {f"{each['kind']}/{_plain(each['metadata']['name'])}": each for each in objects}


def _plain(name: str) -> str:
    """Return a name without the hash of the content behind it."""
    return _HASHED if name.startswith(_HASHED) else name


def _paths(one: Any, other: Any, path: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _paths(one.get(key), other.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(one, list) and isinstance(other, list) and _named(one) and _named(other):
        yield from _paths(_named(one), _named(other), path)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, each in enumerate(one):
            yield from _paths(each, other[place], f"{path}.{place}")
    elif one != other and not (isinstance(one, str) and isinstance(other, str) and _plain(one) == _plain(other)):
        yield path


def _named(items: list[Any]) -> dict[str, Any]:
    return {each["name"]: each for each in items if isinstance(each, dict) and "name" in each}


POD = "spec.template.spec"
MODELS = f"{POD}.initContainers.models"
GPU_POOL = {"Deployment/triton-gpu", "Service/triton-gpu", "PodDisruptionBudget/triton-gpu", "ScaledObject/triton-gpu"}
MEANT = {
    ("aks-cpu", "aks"): {
        *GPU_POOL,
        "ConfigMap/gateway-settings data.SCORING_IMAGE_TRITON_URL",
        "ConfigMap/gateway-settings data.SCORING_IMAGE_TRITON_FALLBACK_URL",
        "ConfigMap/gateway-settings data.SCORING_MAX_IMAGE_BATCH_SIZE",
    },
    ("aks", "aks-gpu"): {
        "ConfigMap/gateway-settings data.SCORING_IMAGE_TRITON_FALLBACK_URL",
        "ConfigMap/gateway-settings data.SCORING_MAX_IMAGE_BATCH_SIZE",
        f"Deployment/triton-cpu {POD}.containers.triton.args",
        f"Deployment/triton-cpu {POD}.containers.triton.resources.limits.cpu",
        f"Deployment/triton-cpu {POD}.containers.triton.resources.limits.memory",
        f"Deployment/triton-cpu {POD}.containers.triton.resources.requests.cpu",
        f"Deployment/triton-cpu {POD}.containers.triton.resources.requests.memory",
        "ScaledObject/triton-gpu spec.cooldownPeriod",
        "ScaledObject/triton-gpu spec.fallback.replicas",
        "ScaledObject/triton-gpu spec.minReplicaCount",
        "ScaledObject/triton-gpu spec.triggers.images-asked-for",
        "ScaledObject/triton-gpu spec.triggers.pending.metadata.activationThreshold",
        "ScaledObject/triton-gpu spec.triggers.queue-to-compute.metadata.activationThreshold",
    },
}
# What Azure adds: identities, node pools, a registry, autoscaling, the edge. Nothing of it is a number or a probe.
AZURE_ALONE = {
    *("CronJob", "Gateway", "GRPCRoute", "HTTPRoute", "PodMonitor", "PriorityClass", "Role", "RoleBinding"),
    *("ScaledObject", "SecretProviderClass", "TriggerAuthentication"),
}
PODS_IN_AZURE = {
    f"Deployment/{name} {path}"
    for name, own in (("gateway", "gateway"), ("triton-cpu", "triton"))
    for path in (
        "spec.template.metadata.annotations",
        "spec.template.metadata.labels.azure.workload.identity/use",
        f"{POD}.nodeSelector",
        f"{POD}.containers.{own}.image",
        f"{MODELS}.image",
        f"{MODELS}.env.MODELS_STORE.value",
        f"{MODELS}.env.STORAGE_ACCOUNT",
    )
}


@pytest.mark.parametrize(("overlays", "meant"), MEANT.items(), ids=["GPUs", "GPUs alone"])
def test_overlays_of_azure_differ_as_meant(overlays: tuple[str, str], meant: set[str]) -> None:
    """Pools, the settings that name them, and sizes; neither a probe nor a timing nor a right."""
    assert differences(rendered(overlays[0]), rendered(overlays[1])) == meant


def test_one_machine_runs_the_same_pods() -> None:
    """Pods of `local` are those of Azure, but for what only Azure has."""
    found = differences(rendered("local"), rendered("aks-cpu"))
    in_pods = {each for each in found if each.startswith("Deployment/")}
    assert in_pods == PODS_IN_AZURE | {
        "Deployment/gateway spec.template.spec.volumes.keys.csi",
        "Deployment/gateway spec.template.spec.volumes.keys.secret",
        "Deployment/triton-cpu spec.template.spec.initContainers.models.env.MODELS_RELEASE.value",
    }


def test_one_machine_lacks_what_azure_has() -> None:
    """`local` lacks the edge, people's roles, scaling, scraping and the converter, and has nothing of its own."""
    local, azure = _by_identity(rendered("local")), _by_identity(rendered("aks-cpu"))
    assert local.keys() <= azure.keys()
    kinds = {name.partition("/")[0] for name in azure.keys() - local.keys()}
    assert kinds - AZURE_ALONE <= {"Namespace", "ServiceAccount", "NetworkPolicy", "ConfigMap"}  # of the edge


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_deployed_is_told_from_the_platform(overlay: str) -> None:
    """A selector finds all that a new version of code, settings or models changes, and nothing beside it."""
    labelled = {each["kind"] for each in rendered(overlay) if "app.kubernetes.io/name" in each["metadata"]["labels"]}
    deployed = {"ConfigMap", "Deployment", "PodDisruptionBudget", "Service"}
    assert labelled == (deployed if overlay == "local" else deployed | {"CronJob"})
    settings = [
        each["metadata"] for each in of(rendered(overlay), "ConfigMap") if _plain(each["metadata"]["name"]) == _HASHED
    ]
    assert all("app.kubernetes.io/name" in each["labels"] for each in settings)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_says_what_it_belongs_to(overlay: str) -> None:
    """Every object and every pod can be found by the name of the whole."""
    for each in rendered(overlay):
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "realtime-scoring", each["metadata"]["name"]
        template = each.get("spec", {}).get("template", each)
        assert template["metadata"]["labels"]["app.kubernetes.io/part-of"] == "realtime-scoring"


def test_a_difference_is_seen() -> None:
    """One number that an overlay changes by the way shows up with its path."""
    changed = rendered("aks")
    next(each for each in changed if each["metadata"]["name"] == "triton-cpu" and each["kind"] == "Deployment")["spec"][
        "minReadySeconds"
    ] = 1
    assert differences(rendered("aks"), changed) == {"Deployment/triton-cpu spec.minReadySeconds"}
