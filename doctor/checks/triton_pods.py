"""Triton in a pod: its flags, and who may reach it."""

from collections.abc import Iterator
from typing import Any

from doctor.check import container_check, resource_check, workload_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.containers import Container
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import same_namespace, tritons
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import at, mapping, mappings, text, texts
from doctor.wording import guess, listed

_OFF = ("--disable-auto-complete-config", "--strict-model-config")


@container_check("triton-config-name", "The config that Triton is started with exists.")
def config_name(container: Container, patient: Patient) -> Iterator[Fault]:
    """Triton takes config.pbtxt instead, without a word."""
    wanted = container.flag("model-config-name")
    names = {config.name for model in patient.models for config in model.configs} - {""}
    if container.is_triton and wanted and patient.models and wanted not in names:
        yield wrong(
            f"--model-config-name={wanted}: no model has configs/{wanted}.pbtxt, so Triton takes config.pbtxt, which "
            "is "
            "for laptops",
            guess(wanted, names, f"there are {listed(sorted(names))}"),
        )


@container_check("triton-flags", "Triton loads what it is told, guesses nothing, and takes no orders from clients.")
def flags(container: Container, _: Patient) -> Iterator[Fault]:
    """docs/user_guide/model_management.md of github.com/triton-inference-server/server."""
    if not container.is_triton:
        return
    mode = container.flag("model-control-mode") or "none"
    if mode == "poll":
        yield wrong(
            "--model-control-mode=poll loads models while they are being copied, and is not meant for production",
            "leave it out: a new model is a new pod",
        )
    elif mode == "explicit":
        yield risky(
            "--model-control-mode=explicit lets every client load and unload models, and with them run code",
            "leave it out, and name the models with the repository",
        )
    if not any(word.startswith(_OFF) for word in container.words):
        yield risky(
            "it completes configs that say too little: what it guesses differs between releases", f"add {_OFF[0]}"
        )
    if (container.flag("exit-on-error") or "true").lower() in {"false", "0"}:
        yield risky("--exit-on-error=false: Triton goes on without a model that failed to load", "leave it out")


@container_check("connection-age", "Old connections to Triton end, so that new pods get some.")
def connection_age(container: Container, patient: Patient) -> Iterator[Fault]:
    """An age without a grace cuts off calls that are in flight."""
    if (
        container.is_triton
        and container.flag("grpc-max-connection-age")
        and not container.flag("grpc-max-connection-age-grace")
    ):
        yield risky(
            "--grpc-max-connection-age without --grpc-max-connection-age-grace: how long calls in flight get is "
            "left open",
            "state both; the grace is at least the longest deadline",
        )


@container_check("keepalive", "Triton puts up with the pings of the gateway.")
def keepalive(container: Container, _: Patient) -> Iterator[Fault]:
    """The gateway pings after 10 s of silence, twice at most until data flows; Triton's defaults allow that."""
    if not container.is_triton:
        return
    strikes = container.flag("grpc-http2-max-ping-strikes")
    if strikes in {"1"}:
        yield wrong(
            f"--grpc-http2-max-ping-strikes={strikes}: Triton hangs up (too_many_pings) when the gateway asks twice "
            "whether it "
            "lives",
            "leave it at its default, 2",
        )


@workload_check("network-policy", "A NetworkPolicy lets only the gateway reach Triton.")
def network_policy(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Triton has no protection of its own."""
    if workload.triton is None or workload.gateway is not None or patient.manifests is None:
        return
    policies = [policy for policy in _ingress_policies(patient.manifests) if _selects(policy, workload)]
    if not policies:
        yield wrong(
            "no NetworkPolicy guards it: whoever is in the cluster can send tensors to Triton, which knows no clients",
            "add one that selects its pods and allows ingress from the gateway's",
        )
    for policy in policies:
        if any(not mappings(rule, "from") for rule in mappings(policy.spec, "ingress")):
            yield wrong(f"{policy} lets everybody in: a rule has no from", "name the gateway's pods in from")


def _ingress_policies(manifests: Manifests) -> list[Resource]:
    found = manifests.of("NetworkPolicy")
    return [policy for policy in found if "Ingress" in (texts(policy.spec, "policyTypes") or ["Ingress"])]


def _selects(policy: Resource, workload: Workload) -> bool:
    same = same_namespace(policy.namespace, workload.namespace)
    return same and workload.matched_by(mapping(policy.spec, "podSelector"))


_ROUTES = ("Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute")


@resource_check("triton-exposed", "Triton is reachable from inside the cluster only.", "Service", *_ROUTES)
def exposed(resource: Resource, manifests: Manifests) -> Iterator[Fault]:
    """Load balancers, node ports and routes lead to the gateway."""
    inside = {service.name for service in manifests.of("Service") if _serves_triton(service, manifests)}
    if resource.kind == "Service" and resource.name in inside:
        if (kind := text(resource.spec, "type")) in {"LoadBalancer", "NodePort"}:
            yield wrong(f"its type {kind} opens Triton beyond the cluster", "leave type out: ClusterIP")
    else:
        for name in sorted(set(_backends(resource.spec)) & inside):
            yield wrong(f"it leads to Triton's Service {name}", "lead it to the gateway's")


def _serves_triton(service: Resource, manifests: Manifests) -> bool:
    return any(_serves(service, workload) for workload, _ in tritons(manifests) if workload.gateway is None)


def _serves(service: Resource, workload: Workload) -> bool:
    wanted = mapping(service.spec, "selector")
    return bool(wanted) and same_namespace(service.namespace, workload.namespace) and workload.matched_by(wanted)


def _backends(spec: Any) -> Iterator[str]:
    """Names of the Services that a route or an Ingress leads to."""
    for rule in mappings(spec, "rules"):
        yield from (text(each, "name") for each in mappings(rule, "backendRefs"))
        yield from (text(each, "backend", "service", "name") for each in mappings(rule, "http", "paths"))
    yield text(at(spec, "defaultBackend"), "service", "name")


CHECKS = [config_name, flags, connection_age, keepalive, network_policy, exposed]
