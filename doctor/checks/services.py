"""Services: their ports, whom they reach, and how connections spread."""

from collections.abc import Iterator

from doctor.check import resource_check, workload_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import same_namespace, settings
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import mapping, mappings, text


def _behind(service: Resource, manifests: Manifests) -> list[Workload]:
    selector = mapping(service.spec, "selector")
    return [
        workload
        for workload in manifests.workloads
        if selector and same_namespace(service.namespace, workload.namespace) and workload.matched_by(selector)
    ]


@resource_check("service-selector", "A Service finds pods.", "Service")
def selector(service: Resource, manifests: Manifests) -> Iterator[Fault]:
    """One without a selector has endpoints of its own."""
    if mapping(service.spec, "selector") and not _behind(service, manifests):
        yield wrong("its selector finds no pod of these manifests: requests lead nowhere", "use the pods' labels")


@resource_check("service-ports", "A Service's ports have names and lead to ports that the pods name.", "Service")
def ports(service: Resource, manifests: Manifests) -> Iterator[Fault]:
    """Meshes and gateways tell HTTP/2 by name or appProtocol; a targetPort that nobody has leads nowhere."""
    pods = _behind(service, manifests)
    named = {name for workload in pods for name in _port_names(workload)}
    for port in mappings(service.spec, "ports"):
        number, name, goal = (text(port, key) for key in ("port", "name", "targetPort"))
        if not name:
            yield risky(f"its port {number} has no name", "name it http, grpc or metrics")
        elif "grpc" in name and not name.startswith("grpc") and not text(port, "appProtocol"):
            yield risky(
                f"its port {name!r} does not begin with grpc and has no appProtocol: a mesh takes it for plain TCP",
                "call it grpc, or add appProtocol: kubernetes.io/h2c",
            )
        if goal and not goal.isdecimal() and pods and goal not in named:
            yield wrong(
                f"its port {name or number} leads to {goal!r}, which no container of its pods names",
                "use the name of a containerPort",
            )


def _port_names(workload: Workload) -> Iterator[str]:
    for container in workload.containers:
        yield from (text(each, "name") for each in mappings(container.raw, "ports"))


@workload_check("balancing", "The gateway reaches all Tritons, not the one that its connection happened to get.")
def balancing(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """A Service balances connections, not calls, and gRPC keeps one connection."""
    gateway, manifests = workload.gateway, patient.manifests
    if gateway is None or manifests is None or not settings(gateway).sets("SCORING_TRITON_URL"):
        return
    for address in settings(gateway).settings.triton_url.split(","):
        host = address.strip().removeprefix("dns:///").partition(":")[0]
        service = _service(host, manifests, workload)
        if service is None or not any(each.triton for each in _behind(service, manifests)):
            continue
        headless = text(service.spec, "clusterIP") == "None"
        if not (headless and address.strip().startswith("dns:///")):
            yield wrong(
                f"SCORING_TRITON_URL {address} leads to one Triton at a time: a Service balances connections, not "
                "calls",
                f"make {service} headless (clusterIP: None) and write dns:///{host}:PORT",
            )


def _service(host: str, manifests: Manifests, workload: Workload) -> Resource | None:
    name, _, rest = host.partition(".")
    namespace = rest.partition(".")[0] or workload.namespace
    found = manifests.of("Service")
    return next((each for each in found if each.name == name and same_namespace(each.namespace, namespace)), None)


@workload_check("triton-address", "A gateway in a pod is told where Triton is.")
def triton_address(workload: Workload, _: Patient) -> Iterator[Fault]:
    """Its default is a Triton in the same pod."""
    gateway = workload.gateway
    if gateway and not workload.triton and not gateway.secretive and not settings(gateway).sets("SCORING_TRITON_URL"):
        yield wrong(
            "the gateway looks for Triton in its own pod, which has none",
            "set SCORING_TRITON_URL to dns:///SERVICE:8001, a headless Service",
        )


CHECKS = [selector, ports, balancing, triton_address]
