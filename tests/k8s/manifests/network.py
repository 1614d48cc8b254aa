"""What NetworkPolicies allow, by the rules of https://kubernetes.io/docs/concepts/services-networking/network-policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from tests.k8s.manifests.rendering import Object, Objects, of

_NAMESPACE = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Pod:
    """Someone in the cluster; `ports` are the names of its container ports."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    """Someone outside."""

    ip: str


Peer = Pod | Address


def pods_of(deployment: Object) -> Pod:
    """Return a Deployment's pods as peers see them."""
    template = deployment["spec"]["template"]
    ports = {each["name"]: each["containerPort"] for c in template["spec"]["containers"] for each in c.get("ports", [])}
    return Pod(deployment["metadata"]["namespace"], template["metadata"]["labels"], ports)


def allowed(objects: Objects, source: Peer, target: Peer, port: int, protocol: str = "TCP") -> bool:
    """Tell whether a connection passes: the source must be let out, and the target must let it in."""
    to = (target, port, protocol)
    return _lets(objects, "egress", source, target, to) and _lets(objects, "ingress", target, source, to)


def _lets(objects: Objects, way: str, owner: Peer, other: Peer, to: tuple[Peer, int, str]) -> bool:
    """Tell whether a pod's own policies let a connection out (egress) or in (ingress)."""
    if isinstance(owner, Address):
        return True
    policies = [each for each in of(objects, "NetworkPolicy") if _governs(each, owner, way)]
    rules = [rule for policy in policies for rule in policy["spec"].get(way, [])]
    return not policies or any(
        _fits(rule, to) and _names(rule.get("to" if way == "egress" else "from", []), other, owner.namespace)
        for rule in rules
    )


def _governs(policy: Object, pod: Pod, way: str) -> bool:
    spec = policy["spec"]
    return (
        way.capitalize() in spec["policyTypes"]
        and policy["metadata"]["namespace"] == pod.namespace
        and _matches(spec["podSelector"], pod.labels)
    )


def _fits(rule: Object, to: tuple[Peer, int, str]) -> bool:
    """Tell whether a rule is about a port; none given stands for all, a name for the target's port of that name."""
    target, port, protocol = to
    numbers = target.ports if isinstance(target, Pod) else {}
    return not rule.get("ports") or any(
        (numbers.get(each["port"], each["port"]), each.get("protocol", "TCP")) == (port, protocol)
        for each in rule["ports"]
    )


def _names(peers: Objects, other: Peer, namespace: str) -> bool:
    """Tell whether somebody is among a rule's peers; none given stands for everybody."""
    return not peers or any(_is(peer, other, namespace) for peer in peers)


def _is(peer: Object, other: Peer, namespace: str) -> bool:
    if isinstance(other, Address):
        return "ipBlock" in peer and _within(peer["ipBlock"], other.ip)
    if "ipBlock" in peer:
        return False  # whether a block counts for pods is left to the network; Cilium says no
    near = (
        _matches(peer["namespaceSelector"], {_NAMESPACE: other.namespace})
        if "namespaceSelector" in peer
        else other.namespace == namespace
    )
    return near and _matches(peer.get("podSelector", {}), other.labels)


def _within(block: Object, ip: str) -> bool:
    address = ip_address(ip)
    excepted = any(address in ip_network(each) for each in block.get("except", []))
    return address in ip_network(block["cidr"]) and not excepted


def _matches(selector: Object, labels: Mapping[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}, "the manifests use no expressions here"
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
