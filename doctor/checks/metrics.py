"""The gateway's metrics port, which asks for no keys, and who scrapes."""

from collections.abc import Iterator
from typing import Any

from doctor.check import container_check, resource_check, workload_check
from doctor.finding import Fault, wrong
from doctor.manifests.addresses import behind
from doctor.manifests.containers import Container
from doctor.manifests.documents import Manifests
from doctor.manifests.network import open_to_all
from doctor.manifests.resource import Resource
from doctor.manifests.roles import same_namespace, settings
from doctor.manifests.routes import ROUTES, backends
from doctor.manifests.selectors import fits
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import at, mapping, mappings, text, texts
from doctor.wording import guess

_PUBLIC = {"LoadBalancer", "NodePort"}


def _metrics_port(workload: Workload) -> int:
    """The number of a gateway's port for metrics; 0 without one."""
    return settings(workload.gateway).settings.metrics_port if workload.gateway else 0


@container_check("metrics-port", "The gateway's metrics port is declared, so that monitors and policies can name it.")
def declared(container: Container, _: Patient) -> Iterator[Fault]:
    """PodMonitors know ports by their names."""
    port = settings(container).settings.metrics_port if container.is_gateway else 0
    if port and str(port) not in {text(each, "containerPort") for each in mappings(container.raw, "ports")}:
        yield wrong(f"SCORING_METRICS_PORT is {port}, which is none of its ports", f"add containerPort: {port}")


@workload_check("metrics-exposed", "Nobody outside reaches the gateway's metrics port.")
def exposed(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """It asks for no keys, and tells how much is asked of what."""
    port, manifests = _metrics_port(workload), patient.manifests
    if not port or manifests is None:
        return
    goals = {str(port), *(name for name, number in workload.ports if number == port)}
    for service in manifests.of("Service"):
        ports = [each for each in mappings(service.spec, "ports") if _goal(each) in goals]
        if not ports or workload not in behind(service, manifests):
            continue
        if text(service.spec, "type") in _PUBLIC:
            yield wrong(f"{service} opens it beyond the cluster", "leave that port out of the Service")
        for route in manifests.of(*ROUTES):
            if any(_leads(route, service, each) for each in ports):
                yield wrong(f"{route} leads to it through {service}", "lead it to the port of requests")
    for policy in open_to_all(manifests, workload, port):
        yield wrong(f"{policy} lets everybody reach it", "name Prometheus' pods in from, for this port")


def _goal(port: dict[str, Any]) -> str:
    return text(port, "targetPort") or text(port, "port")


def _leads(route: Resource, service: Resource, port: dict[str, Any]) -> bool:
    names = {text(port, "port"), text(port, "name")} - {""}
    return any(each.service == service.name and each.port in names for each in backends(route))


@resource_check("monitor-target", "A PodMonitor finds pods, and a port of theirs.", "PodMonitor")
def monitored(monitor: Resource, manifests: Manifests) -> Iterator[Fault]:
    """Prometheus says nothing about a monitor that finds none."""
    selector = mapping(monitor.spec, "selector")
    found = [each for each in manifests.workloads if fits(selector, each.labels) and _watches(monitor, each)]
    if not found:
        yield wrong("its selector finds no pod of these manifests", "use the pods' labels")
    for endpoint in mappings(monitor.spec, "podMetricsEndpoints"):
        wanted = text(endpoint, "port")
        for workload in found:
            names = {name for name, _ in workload.ports}
            if wanted and wanted not in names:
                yield wrong(f"{workload} has no port {wanted!r}", guess(wanted, names, "name a port of its containers"))


def _watches(monitor: Resource, workload: Workload) -> bool:
    names = texts(monitor.spec, "namespaceSelector", "matchNames")
    everywhere = at(monitor.spec, "namespaceSelector", "any") is True
    own = same_namespace(monitor.namespace, workload.namespace)
    return everywhere or workload.namespace in names or (not names and own)


CHECKS = [declared, exposed, monitored]
