"""Pods: what neither schemas nor policies nor the doctor look at."""

import re
from collections.abc import Iterator

import pytest

from doctor.tree import quantity
from tests.k8s.manifests.rendering import (
    OVERLAYS,
    Object,
    Objects,
    container,
    containers,
    find,
    needs_kubectl,
    of,
    pod_spec,
    rendered,
    workloads,
)

pytestmark = [needs_kubectl, pytest.mark.parametrize("overlay", OVERLAYS)]

_IMAGE = re.compile(r"(example\.azurecr\.io/)?scoring-[a-z-]+(:\d+\.\d+\.\d+|@sha256:[0-9a-f]{64})")
_REFERENCE = re.compile(r"\$\(([A-Z_]+)\)")


def serving(overlay: str) -> Iterator[tuple[Object, Object]]:
    """Yield each Deployment of an overlay with the container that serves."""
    for each in of(rendered(overlay), "Deployment"):
        yield each, container(each, "gateway" if each["metadata"]["name"] == "gateway" else "triton")


def test_pods_get_what_they_ask_for(overlay: str) -> None:
    """Requests equal limits in every container: such pods may have cores of their own and are evicted last."""
    for workload, _ in serving(overlay):
        for each in containers(workload):
            assert each["resources"]["requests"] == each["resources"]["limits"], each["name"]


def test_serving_containers_have_whole_cores(overlay: str) -> None:
    """The kubelet's static policy gives cores of their own to whole numbers alone."""
    for _, each in serving(overlay):
        assert each["resources"]["limits"]["cpu"].isdecimal()


def test_init_containers_take_no_whole_cores(overlay: str) -> None:
    """The kubelet's static policy may keep an ended container's cores, and refuse pods for want of them."""
    for workload in workloads(rendered(overlay)):
        for each in pod_spec(workload)["initContainers"]:
            assert not each["resources"]["limits"]["cpu"].isdecimal(), each["name"]


def test_volumes_fit_the_storage_that_was_asked_for(overlay: str) -> None:
    """A pod that fills its volumes to their limits is not evicted for it."""
    for workload, each in serving(overlay):
        volumes = [volume["emptyDir"] for volume in pod_spec(workload)["volumes"] if "emptyDir" in volume]
        total = sum(quantity(volume["sizeLimit"]) or 0 for volume in volumes)
        assert total <= (quantity(each["resources"]["limits"]["ephemeral-storage"]) or 0)


def test_models_are_there_before_anyone_serves(overlay: str) -> None:
    """Triton's are pulled before it starts; the gateway waits for the sidecar's first pull, and both only read."""
    for workload, each in serving(overlay):
        models = container(workload, "models")
        assert models in pod_spec(workload)["initContainers"]
        sidecar = models.get("restartPolicy") == "Always"
        assert sidecar == (each["name"] == "gateway") == ("startupProbe" in models)
        (mount,) = [mount for mount in each["volumeMounts"] if mount["name"] == "models"]
        assert mount["readOnly"]


def test_variables_are_defined_before_they_are_used(overlay: str) -> None:
    """Kubernetes leaves $(NAME) as it is when NAME stands below."""
    for workload in workloads(rendered(overlay)):
        for each in containers(workload):
            known = set[str]()
            for variable in each.get("env", []):
                assert set(_REFERENCE.findall(variable.get("value", ""))) <= known, variable["name"]
                known.add(variable["name"])
            words = " ".join([*each.get("command", []), *each.get("args", [])])
            assert set(_REFERENCE.findall(words)) <= known, each["name"]


def test_who_pods_run_as_exists_and_has_no_token_of_kubernetes(overlay: str) -> None:
    """Service accounts and priority classes are part of the overlay; no pod can talk to the API server."""
    objects = rendered(overlay)
    for workload in workloads(objects):
        spec = pod_spec(workload)
        assert find(objects, "ServiceAccount", spec["serviceAccountName"])["automountServiceAccountToken"] is False
        assert spec["automountServiceAccountToken"] is False
        assert find(objects, "PriorityClass", spec["priorityClassName"])["value"] < 1_000_000_000


def test_the_cloud_identity_stays_with_who_pulls(overlay: str) -> None:
    """Where pods have an identity, the container that faces clients is left out of it."""
    for workload, each in serving(overlay):
        metadata = workload["spec"]["template"]["metadata"]
        if metadata["labels"].get("azure.workload.identity/use") == "true":
            assert metadata["annotations"]["azure.workload.identity/skip-containers"] == each["name"]


def test_nobody_else_writes_where_a_token_is_used(overlay: str) -> None:
    """Containers without a token of Azure change no folder of one that has it, but for what they hand over."""
    for workload in workloads(rendered(overlay)):
        pulling = [each for each in containers(workload) if each["name"] in ("models", "pull", "push")]
        for each in containers(workload):
            if each not in pulling:
                assert not {name for one in pulling for name in _written(one)} & _written(each) - {"work"}, each["name"]


def _written(each: Object) -> set[str]:
    return {mount["name"] for mount in each["volumeMounts"] if not mount.get("readOnly")}


def test_gateways_come_before_tritons_and_displace_none(overlay: str) -> None:
    """After a loss of nodes, gateways are placed first; a gateway more, as in a roll-out, takes no Triton's place."""
    objects = rendered(overlay)
    gateway, triton = (_priority(objects, name) for name in ("gateway", "triton-cpu"))
    assert gateway["value"] > triton["value"]
    assert gateway["preemptionPolicy"] == "Never"


def test_tritons_displace_the_converter_and_not_the_edge(overlay: str) -> None:
    """Envoy's pods have no class, which is 0; for pods below -10 the cluster autoscaler adds no node."""
    objects = rendered(overlay)
    triton = _priority(objects, "triton-cpu")
    assert triton["value"] <= 0
    for each in of(objects, "CronJob"):
        batch = find(objects, "PriorityClass", pod_spec(each)["priorityClassName"])
        assert -10 <= batch["value"] < triton["value"]


def _priority(objects: Objects, deployment: str) -> Object:
    return find(objects, "PriorityClass", pod_spec(find(objects, "Deployment", deployment))["priorityClassName"])


def test_nobody_pulls_an_image_that_moves(overlay: str) -> None:
    """Every image has the version of the project, or a digest."""
    for workload in workloads(rendered(overlay)):
        for each in containers(workload):
            assert _IMAGE.fullmatch(each["image"])
