"""What a pod names: accounts, classes, ConfigMaps, volumes. The API server takes names of what is not there."""

from collections.abc import Iterator
from typing import Any

from doctor.check import container_check, workload_check
from doctor.finding import Fault, wrong
from doctor.manifests.containers import Container
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import same_namespace
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import at, mapping, mappings, text
from doctor.wording import guess

_USE, _CLIENT = "azure.workload.identity/use", "azure.workload.identity/client-id"


def _named(manifests: Manifests, kind: str, workload: Workload) -> dict[str, Resource]:
    return {each.name: each for each in manifests.of(kind) if same_namespace(each.namespace, workload.namespace)}


def _references(workload: Workload) -> Iterator[tuple[str, str]]:
    """Kinds and names of what the pod cannot do without."""
    pod = workload.pod
    yield "ServiceAccount", text(pod, "serviceAccountName")
    priority = text(pod, "priorityClassName")
    yield "PriorityClass", "" if priority.startswith("system-") else priority
    for volume in mappings(pod, "volumes"):
        if at(volume, "configMap", "optional") is not True:
            yield "ConfigMap", text(volume, "configMap", "name")
        yield "SecretProviderClass", text(volume, "csi", "volumeAttributes", "secretProviderClass")
        yield "PersistentVolumeClaim", text(volume, "persistentVolumeClaim", "claimName")
    for container in [*workload.first, *workload.containers]:
        yield from (("ConfigMap", name) for name in _config_maps(container.raw))


def _config_maps(container: Any) -> Iterator[str]:
    sources = [mapping(each, "configMapRef") for each in mappings(container, "envFrom")]
    keys = [mapping(each, "valueFrom", "configMapKeyRef") for each in mappings(container, "env")]
    yield from (text(each, "name") for each in (*sources, *keys) if each.get("optional") is not True)


@workload_check("references", "What a pod names is among the manifests.")
def references(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """It would wait for it for ever. Secrets are left out: they are made elsewhere."""
    if patient.manifests is None or not (workload.gateway or workload.triton):
        return
    for kind, name in dict.fromkeys(_references(workload)):
        known = _named(patient.manifests, kind, workload)
        if name and name not in known and name != "default":
            yield wrong(f"there is no {kind} {name}", guess(name, known, "add it, or correct the name"))


@container_check("mounts", "Containers mount volumes that their pod has.", first=True)
def mounts(container: Container, _: Patient) -> Iterator[Fault]:
    """Two volumes at one place are refused, too."""
    places = [text(each, "mountPath").rstrip("/") for each in mappings(container.raw, "volumeMounts")]
    for place in sorted({each for each in places if places.count(each) > 1}):
        yield wrong(f"two volumes are mounted at {place}", "give each a place of its own")


@workload_check("volumes", "Every mounted volume is there.")
def volumes(workload: Workload, _: Patient) -> Iterator[Fault]:
    """Schemas know nothing of names that must agree."""
    known = {text(each, "name") for each in mappings(workload.pod, "volumes")}
    claims = {text(each, "metadata", "name") for each in mappings(workload.spec, "volumeClaimTemplates")}
    for container in [*workload.first, *workload.containers]:
        for mount in mappings(container.raw, "volumeMounts"):
            if text(mount, "name") not in known | claims:
                name = text(mount, "name")
                yield wrong(
                    f"it mounts {name!r}, and its pod has no such volume",
                    guess(name, known, "add it to volumes"),
                    f"container {container.name}",
                )


@workload_check("workload-identity", "A pod that is to have an identity of Azure gets it.")
def identity(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """The label asks for it, the account's annotation names it (AKS docs, "workload identity overview")."""
    if patient.manifests is None:
        return
    name = text(workload.pod, "serviceAccountName")
    account = _named(patient.manifests, "ServiceAccount", workload).get(name)
    client = text(account.raw if account else {}, "metadata", "annotations", _CLIENT)
    asked = text(workload.labels, _USE) == "true"
    if asked and account and not client:
        yield wrong(f"its label {_USE} asks for an identity, and {account} names none", f"annotate it with {_CLIENT}")
    elif client and not asked:
        yield wrong(f"{account} has an identity, and the pod does not get it", f'label the pods {_USE}: "true"')


CHECKS = [references, mounts, volumes, identity]
