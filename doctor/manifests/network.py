"""Who may reach whom: NetworkPolicies, as the network plugin reads them.

Several policies of a pod add up; a pod that none selects for a direction is open in it (Kubernetes' documentation,
"Network Policies").
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import same_namespace
from doctor.manifests.selectors import fits
from doctor.manifests.workloads import Workload
from doctor.tree import mapping, mappings, number, text, texts

INGRESS, EGRESS = "Ingress", "Egress"
_PEERS = {INGRESS: "from", EGRESS: "to"}


class Connection(NamedTuple):
    """From the pods of a workload to a TCP port of those of another one."""

    source: Workload
    goal: Workload
    port: int


def policies(manifests: Manifests, direction: str) -> list[Resource]:
    """Return the policies that say something about a direction."""
    return [each for each in manifests.of("NetworkPolicy") if direction in _directions(each)]


def _directions(policy: Resource) -> list[str]:
    stated = texts(policy.spec, "policyTypes")
    return stated or [INGRESS, *([EGRESS] if "egress" in policy.spec else [])]


def selects(policy: Resource, workload: Workload) -> bool:
    """Tell whether a policy is about a workload's pods."""
    same = same_namespace(policy.namespace, workload.namespace)
    return same and workload.matched_by(mapping(policy.spec, "podSelector"))


def blocked(manifests: Manifests, connection: Connection) -> str:
    """Return the direction in which a connection is refused; empty where it is let through."""
    for direction in (EGRESS, INGRESS):
        owner = connection.source if direction == EGRESS else connection.goal
        asked = [each for each in policies(manifests, direction) if selects(each, owner)]
        rules = [rule for policy in asked for rule in mappings(policy.spec, direction.lower())]
        if asked and not any(_allows(rule, direction, connection, manifests) for rule in rules):
            return direction
    return ""


def open_to_all(manifests: Manifests, workload: Workload, port: int) -> Iterator[Resource]:
    """Yield the policies with a rule that lets everybody reach a port of a workload."""
    for policy in policies(manifests, INGRESS):
        rules = mappings(policy.spec, "ingress") if selects(policy, workload) else []
        if any(not mappings(rule, "from") and _on_port(rule, workload, port) for rule in rules):
            yield policy


def _allows(rule: Mapping[str, Any], direction: str, connection: Connection, manifests: Manifests) -> bool:
    source, goal, port = connection
    owner, other = (source, goal) if direction == EGRESS else (goal, source)
    peers = mappings(rule, _PEERS[direction])
    named = not peers or any(_is_peer(each, owner, other, manifests) for each in peers)
    return named and _on_port(rule, goal, port)


def _is_peer(peer: Mapping[str, Any], owner: Workload, workload: Workload, manifests: Manifests) -> bool:
    if "ipBlock" in peer:  # addresses of pods are unknown here
        return True
    if not workload.matched_by(mapping(peer, "podSelector")):
        return False
    if "namespaceSelector" not in peer:
        return same_namespace(owner.namespace, workload.namespace)
    return not workload.namespace or fits(mapping(peer, "namespaceSelector"), _labels(workload.namespace, manifests))


def _labels(namespace: str, manifests: Manifests) -> dict[str, Any]:
    found = next((each for each in manifests.of("Namespace") if each.name == namespace), None)
    stated = mapping(found.raw, "metadata", "labels") if found else {}
    return {**stated, "kubernetes.io/metadata.name": namespace}


def _on_port(rule: Mapping[str, Any], goal: Workload, port: int) -> bool:
    names = {name for name, each in goal.ports if each == port}
    return not mappings(rule, "ports") or any(_is_port(each, names, port) for each in mappings(rule, "ports"))


def _is_port(stated: Mapping[str, Any], names: set[str], port: int) -> bool:
    if text(stated, "protocol") not in {"", "TCP"}:
        return False
    wanted, last = text(stated, "port"), number(stated, "endPort")
    if last is not None and wanted.isdecimal():
        return int(wanted) <= port <= last
    return wanted in {"", str(port), *names}
