"""The rendered NetworkPolicies let pass what the service needs, and nothing else."""

from collections.abc import Callable

import pytest

from tests.k8s.manifests.network import Address, Peer, Pod, allowed, pods_of
from tests.k8s.manifests.rendering import AKS, OVERLAYS, Objects, find, needs_kubectl, of, rendered

pytestmark = needs_kubectl

Flow = tuple[str, str, int]

EDGE = {"gateway.networking.k8s.io/gateway-name": "public"}
OTHERS: dict[str, Peer] = {
    "edge": Pod("scoring-edge", EDGE),
    "certificate": Pod("scoring-edge", {"app": "kv-gw-cert-public-https"}),
    "istiod": Pod("aks-istio-system", {"app": "istiod"}),
    "dns": Pod("kube-system", {"k8s-app": "kube-dns"}),
    "azure-monitor": Pod("kube-system", {"rsName": "ama-metrics"}),
    "prometheus": Pod("monitoring", {"app.kubernetes.io/name": "prometheus"}),
    "keda": Pod("kube-system", {"app": "keda-operator"}),
    "stranger": Pod("default", {"app.kubernetes.io/name": "gateway"}),
    "debugger": Pod("scoring", {"run": "debug"}),
    "storage": Address("10.240.5.7"),
    "node": Address("10.240.0.4"),
    "internet": Address("20.190.151.7"),
    "node-identity": Address("169.254.169.254"),
}
PORTS = (22, 53, 80, 443, 4318, 8000, 8001, 8002, 8080, 8081, 9090, 10250, 15012, 15020, 15021)
PODS = ("gateway", "triton-cpu", "triton-gpu")

EVERYWHERE = {
    *((pod, "dns", 53) for pod in (*PODS, "debugger")),
    ("gateway", "triton-cpu", 8001),
    ("gateway", "triton-gpu", 8001),
}
IN_AZURE = {
    ("edge", "dns", 53),
    ("edge", "istiod", 15012),
    ("edge", "gateway", 8080),
    ("edge", "gateway", 8081),
    ("azure-monitor", "gateway", 9090),
    ("azure-monitor", "triton-cpu", 8002),
    ("azure-monitor", "triton-gpu", 8002),
    *((pod, target, 443) for pod in PODS for target in ("storage", "internet")),
}
ON_ONE_MACHINE = {
    ("prometheus", "gateway", 9090),
    ("prometheus", "triton-cpu", 8002),
}


def everybody(objects: Objects) -> dict[str, Peer]:
    """Return the pods of an overlay, and all others, by name."""
    return {each["metadata"]["name"]: pods_of(each) for each in of(objects, "Deployment")} | OTHERS


def flows(objects: Objects) -> set[Flow]:
    """Return every connection that passes from or to a namespace of the service, but for those to the open edge."""
    peers = everybody(objects)
    ours = {each["metadata"]["namespace"] for each in of(objects, "NetworkPolicy")}
    return {
        (source, target, port)
        for source, one in peers.items()
        for target, other in peers.items()
        if source != target != "edge" and any(isinstance(each, Pod) and each.namespace in ours for each in (one, other))
        for port in PORTS
        if allowed(objects, one, other, port)
    }


def needed(overlay: str) -> set[Flow]:
    """Return the connections that an overlay's pods need."""
    peers = everybody(rendered(overlay))
    wanted = EVERYWHERE | (ON_ONE_MACHINE if overlay == "local" else IN_AZURE)  # in the former there is no edge
    return {(source, target, port) for source, target, port in wanted if source in peers and target in peers}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_passes(overlay: str) -> None:
    """What is needed passes, and nothing else: not to Triton's HTTP port, not from a namesake, not to the node."""
    assert flows(rendered(overlay)) == needed(overlay)


@pytest.mark.parametrize("overlay", AKS)
def test_the_edge_is_open(overlay: str) -> None:
    """The internet reaches the listeners of the edge, the load balancer its health, and nobody anything else."""
    objects = rendered(overlay)
    listeners = {each["port"] for each in find(objects, "Gateway", "public")["spec"]["listeners"]}
    edge = OTHERS["edge"]
    assert {port for port in PORTS if allowed(objects, OTHERS["internet"], edge, port)} == listeners | {15021}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_names_are_asked_over_both_protocols(overlay: str) -> None:
    """DNS answers over UDP, and over TCP what is too long for it: a headless Service with many pods."""
    objects = rendered(overlay)
    pod = pods_of(find(objects, "Deployment", "gateway"))
    assert all(allowed(objects, pod, OTHERS["dns"], 53, protocol) for protocol in ("UDP", "TCP"))


def _without(name: str) -> Callable[[Objects], None]:
    def change(objects: Objects) -> None:
        objects[:] = [each for each in objects if each["kind"] != "NetworkPolicy" or each["metadata"]["name"] != name]

    return change


def _peers(name: str, way: str, peers: Objects) -> Callable[[Objects], None]:
    def change(objects: Objects) -> None:
        (policy,) = [each for each in of(objects, "NetworkPolicy") if each["metadata"]["name"] == name]
        for rule in policy["spec"]["ingress" if way == "from" else "egress"]:
            rule[way] = peers

    return change


def _all_ports(objects: Objects) -> None:
    for rule in find(objects, "NetworkPolicy", "triton")["spec"]["ingress"]:
        del rule["ports"]
    for rule in find(objects, "NetworkPolicy", "gateway")["spec"]["egress"]:
        del rule["ports"]


FAULTS: dict[str, tuple[Callable[[Objects], None], Flow]] = {
    "no default": (_without("default-deny"), ("internet", "debugger", 22)),
    "no names": (_without("dns"), ("gateway", "dns", 53)),
    "no way in": (_without("edge"), ("edge", "gateway", 8080)),
    "no storage": (_without("models"), ("triton-cpu", "storage", 443)),
    "everybody reaches Triton": (
        _peers("triton", "from", [{"namespaceSelector": {}}]),
        ("stranger", "triton-cpu", 8001),
    ),
    "the edge without its namespace": (
        _peers("edge", "from", [{"podSelector": {"matchLabels": EDGE}}]),
        ("edge", "gateway", 8080),
    ),
    "a namespace without its pods": (
        _peers("edge", "from", [{"namespaceSelector": {}}]),
        ("stranger", "gateway", 8080),
    ),
    "a block without exceptions": (
        _peers("models", "to", [{"ipBlock": {"cidr": "0.0.0.0/0"}}]),
        ("gateway", "node-identity", 443),
    ),
    "Triton's HTTP port": (_all_ports, ("gateway", "triton-cpu", 8000)),
}


@pytest.mark.parametrize(("plant", "changed"), FAULTS.values(), ids=FAULTS)
def test_planted_faults_are_seen(plant: Callable[[Objects], None], changed: Flow) -> None:
    """A policy that is missing, too wide or too narrow changes what passes."""
    objects = rendered("aks")
    plant(objects)
    assert changed in flows(objects) ^ needed("aks")
