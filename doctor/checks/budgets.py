"""Disruptions: who may be evicted while nodes are drained."""

from collections.abc import Iterator

from doctor.check import resource_check, workload_check
from doctor.checks.scaling import fewest
from doctor.finding import Fault, risky, wrong
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import same_namespace
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import mapping, text
from doctor.wording import listed


@resource_check("disruption", "A PodDisruptionBudget protects pods and lets nodes be drained.", "PodDisruptionBudget")
def disruption(budget: Resource, manifests: Manifests) -> Iterator[Fault]:
    """One that allows no eviction stops upgrades of nodes."""
    protected = [each for each in manifests.workloads if _protects(budget, each)]
    if not protected:
        yield wrong("its selector finds no pod of these manifests", "use the pods' labels")
    for workload in protected:
        least = max(fewest(workload, manifests), 1.0)
        if _blocks(budget, least):
            pods = f"{least:g} {'pod' if least == 1 else 'pods'}"
            yield wrong(
                f"it allows no eviction of {workload}, which may have {pods}: nodes cannot be drained",
                "write maxUnavailable: 1, and have two pods at least",
            )


def _protects(budget: Resource, workload: Workload) -> bool:
    selector = mapping(budget.spec, "selector")
    return same_namespace(budget.namespace, workload.namespace) and bool(selector) and workload.matched_by(selector)


def _blocks(budget: Resource, pods: float) -> bool:
    most, least = (text(budget.spec, key) for key in ("maxUnavailable", "minAvailable"))
    if most:
        return most in {"0", "0%"}
    if least.endswith("%"):
        share = least[:-1]
        return share.isdecimal() and len(share) < 6 and -(-int(share) * pods // 100) >= pods
    return least.isdecimal() and len(least) < 9 and int(least) >= pods


@workload_check("budget", "A workload has one PodDisruptionBudget.")
def budget(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Without one, draining nodes may take all pods at a time; with two, the API refuses every eviction."""
    if patient.manifests is None or not (workload.gateway or workload.triton):
        return
    found = [each for each in patient.manifests.of("PodDisruptionBudget") if _protects(each, workload)]
    if not found:
        yield risky("no PodDisruptionBudget protects it: draining nodes may take all pods at a time", "add one")
    elif len(found) > 1:
        yield wrong(f"{listed(found)} are about the same pods: none of them can be evicted", "keep one")


CHECKS = [disruption, budget]
