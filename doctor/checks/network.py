"""Who may reach Triton, and whom anybody may reach."""

from collections.abc import Iterator

from doctor.check import resource_check, workload_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.addresses import behind
from doctor.manifests.documents import Manifests
from doctor.manifests.network import EGRESS, INGRESS, policies, selects
from doctor.manifests.resource import Resource
from doctor.manifests.routes import ROUTES, backends
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import mapping, mappings, text


@workload_check("network-policy", "A NetworkPolicy lets only the gateway reach Triton.")
def network_policy(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Triton has no protection of its own."""
    if workload.triton is None or workload.gateway is not None or patient.manifests is None:
        return
    found = [policy for policy in policies(patient.manifests, INGRESS) if selects(policy, workload)]
    if not found:
        yield wrong(
            "no NetworkPolicy guards it: whoever is in the cluster can send tensors to Triton, which knows no clients",
            "add one that selects its pods and allows ingress from the gateway's",
        )
    for policy in found:
        if any(not mappings(rule, "from") for rule in mappings(policy.spec, "ingress")):
            yield wrong(f"{policy} lets everybody in: a rule has no from", "name the gateway's pods in from")


@workload_check("default-deny", "What no rule allows is forbidden, in both directions.")
def default_deny(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """A pod that no policy selects is open to all."""
    if patient.manifests is None or not (workload.gateway or workload.triton):
        return
    for direction in (INGRESS, EGRESS):
        found = [each for each in policies(patient.manifests, direction) if selects(each, workload)]
        if not any(not mapping(each.spec, "podSelector") and not each.spec.get(direction.lower()) for each in found):
            yield risky(
                f"no NetworkPolicy of its namespace forbids {direction.lower()} that nobody has allowed",
                f"add one with podSelector: {{}} and policyTypes: [{INGRESS}, {EGRESS}] and no rule",
            )


@resource_check("triton-exposed", "Triton is reachable from inside the cluster only.", "Service", *ROUTES)
def exposed(resource: Resource, manifests: Manifests) -> Iterator[Fault]:
    """Load balancers, node ports and routes lead to the gateway."""
    inside = {service.name for service in manifests.of("Service") if _serves_triton(service, manifests)}
    if resource.kind == "Service" and resource.name in inside:
        if (kind := text(resource.spec, "type")) in {"LoadBalancer", "NodePort"}:
            yield wrong(f"its type {kind} opens Triton beyond the cluster", "leave type out: ClusterIP")
    else:
        for name in sorted({each.service for each in backends(resource)} & inside):
            yield wrong(f"it leads to Triton's Service {name}", "lead it to the gateway's")


def _serves_triton(service: Resource, manifests: Manifests) -> bool:
    return any(each.triton and not each.gateway for each in behind(service, manifests))


CHECKS = [network_policy, default_deny, exposed]
