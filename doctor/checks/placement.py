"""Which nodes pods may go to, how they spread over them, and how many there are."""

from collections.abc import Iterator

from doctor.check import workload_check
from doctor.checks.scaling import fewest
from doctor.finding import Fault, risky, wrong
from doctor.manifests.selectors import fits
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import mapping, mappings, text

_POOL = "realtime-scoring/pool"
_GPU_TAINTS = {"sku", "nvidia.com/gpu"}  # of AKS' docs, and of others


def _tolerates_gpu(workload: Workload) -> bool:
    return any(
        text(each, "key") in _GPU_TAINTS or (text(each, "operator") == "Exists" and not text(each, "key"))
        for each in mappings(workload.pod, "tolerations")
    )


@workload_check("gpu-node", "Pods with a GPU go to GPU nodes, and others do not.")
def gpu_node(workload: Workload, _: Patient) -> Iterator[Fault]:
    """GPU pools are tainted, so that they are not filled with what needs none."""
    if not (workload.triton or workload.gateway):
        return
    gpus = sum(each.gpus for each in workload.containers)
    pool = text(workload.pod, "nodeSelector", _POOL)
    if gpus and not _tolerates_gpu(workload):
        yield risky(
            "it wants a GPU and tolerates no taint: GPU pools usually have one, and it never finds a node",
            "tolerate sku=gpu:NoSchedule, or whatever the pool's taint is",
        )
    elif not gpus and _tolerates_gpu(workload):
        yield risky("it tolerates the taint of GPU nodes and uses no GPU: it may fill them", "take the toleration out")
    if pool and (pool == "gpu") != bool(gpus):
        wants = "wants a GPU" if gpus else "uses no GPU"
        yield wrong(f"it {wants}, and its nodeSelector leads to the pool {pool}", f"correct {_POOL}")


@workload_check("spread", "Pods of a workload go to several nodes.")
def spread(workload: Workload, _: Patient) -> Iterator[Fault]:
    """One node that fails would take them all."""
    if not (workload.triton or workload.gateway):
        return
    constraints = mappings(workload.pod, "topologySpreadConstraints")
    if not constraints and not mapping(workload.pod, "affinity", "podAntiAffinity"):
        yield risky("nothing spreads its pods over nodes: all may be on one", "add topologySpreadConstraints")
    for each in constraints:
        if not fits(mapping(each, "labelSelector"), workload.labels):
            yield wrong(
                f"its topologySpreadConstraints for {text(each, 'topologyKey')} count other pods than its own",
                "use the pods' labels in labelSelector",
            )


@workload_check("spare-pod", "There are two pods of whatever answers requests.")
def spare_pod(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Nodes are upgraded, processes end; with one pod, nobody answers meanwhile."""
    if patient.manifests is None or not (workload.triton or workload.gateway):
        return
    least = fewest(workload, patient.manifests)
    if least == 1:
        yield risky("there may be one pod of it only: while its node is upgraded, nobody answers", "have two at least")


CHECKS = [gpu_node, spread, spare_pod]
