"""Manifest files that can be read and hold what they should."""

from collections.abc import Iterator

from doctor.check import Check
from doctor.finding import Finding, located, risky, wrong
from doctor.manifests.roles import gateways, tritons
from doctor.patient import Patient


def _readable(patient: Patient) -> Iterator[Finding]:
    for each in patient.manifests.unreadable if patient.manifests else ():
        fault = wrong(f"the file {each.reason}", "render it anew: kubectl kustomize FOLDER > FILE")
        yield located("manifest-readable", each.file, "", fault)


def _roles(patient: Patient) -> Iterator[Finding]:
    manifests = patient.manifests
    if manifests is None or not manifests.resources:
        return
    for name, workloads in {"gateway": gateways(manifests), "Triton": tritons(manifests)}.items():
        if next(iter(workloads), None) is None:
            fault = risky(
                f"no Deployment or StatefulSet runs the {name}: checks that concern it found nothing to look at",
                "give its manifests, too; an image or command names scoring gateway, or tritonserver",
            )
            yield located("manifest-roles", manifests.resources[0].file, "", fault)


def _twice(patient: Patient) -> Iterator[Finding]:
    seen = set()
    for each in patient.manifests.resources if patient.manifests else ():
        identity = (each.kind, each.namespace, each.name)
        if each.name and identity in seen:
            fault = wrong("the object is there twice: the last one counts", "give the manifests of one overlay only")
            yield located("manifest-twice", each.file, str(each), fault)
        seen.add(identity)


readable = Check(
    "manifest-readable", "Manifest files hold Kubernetes objects as `kubectl kustomize` prints them.", _readable
)
roles = Check("manifest-roles", "The manifests run a gateway and a Triton.", _roles)
twice = Check("manifest-twice", "No object is there twice.", _twice)

CHECKS = [readable, roles, twice]
