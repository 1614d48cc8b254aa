"""Services: their ports, and whom they reach."""

from collections.abc import Iterator

from doctor.check import resource_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.addresses import behind
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.workloads import Workload
from doctor.tree import mapping, mappings, text


@resource_check("service-selector", "A Service finds pods.", "Service")
def selector(service: Resource, manifests: Manifests) -> Iterator[Fault]:
    """One without a selector has endpoints of its own."""
    if mapping(service.spec, "selector") and not behind(service, manifests):
        yield wrong("its selector finds no pod of these manifests: requests lead nowhere", "use the pods' labels")


@resource_check("service-ports", "A Service's ports have names and lead to ports that the pods name.", "Service")
def ports(service: Resource, manifests: Manifests) -> Iterator[Fault]:
    """Meshes and gateways tell HTTP/2 by name or appProtocol; a targetPort that nobody has leads nowhere."""
    pods = behind(service, manifests)
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


CHECKS = [selector, ports]
