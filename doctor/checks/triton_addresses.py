"""Whether what a gateway is told about Tritons leads to pods that serve what it asks for."""

from collections.abc import Iterator

from doctor.check import workload_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.addresses import Address, addresses, behind, headless
from doctor.manifests.network import Connection, blocked
from doctor.manifests.resource import Resource
from doctor.manifests.roles import configs, settings
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import mappings, text
from doctor.wording import listed


def _addresses(workload: Workload, patient: Patient) -> Iterator[Address]:
    return addresses(workload, patient.manifests) if patient.manifests else iter(())


def _tritons(address: Address, patient: Patient) -> list[Workload]:
    if address.service is None or patient.manifests is None:
        return []
    return [each for each in behind(address.service, patient.manifests) if each.triton]


@workload_check("triton-address", "A gateway in a pod is told where Triton is, and finds it there.")
def address(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Its default is a Triton in the same pod."""
    gateway = workload.gateway
    if gateway and not workload.triton and not gateway.secretive and not settings(gateway).sets("SCORING_TRITON_URL"):
        yield wrong(
            "the gateway looks for Triton in its own pod, which has none",
            "set SCORING_TRITON_URL to dns:///SERVICE:8001, a headless Service",
        )
    for each in _addresses(workload, patient):
        yield from _missing(each, patient)


def _missing(each: Address, patient: Patient) -> Iterator[Fault]:
    if each.service is None:
        if each.inside:
            yield wrong(f"{each.variable} {each.written}: there is no Service {each.host}", "correct the name")
        return
    pods = _tritons(each, patient)
    if not pods:
        yield wrong(f"{each.variable} {each.written}: no Triton is behind {each.service}", "name a Triton's Service")
    listening = _listening(each.service, pods)
    if pods and each.port not in listening:
        yield wrong(
            f"{each.variable} {each.written}: nobody listens on port {each.port} there",
            f"there are {listed(sorted(listening))}",
        )


def _listening(service: Resource, pods: list[Workload]) -> set[int]:
    """Ports to connect to: a headless Service gives addresses of pods, and its own ports count for nothing."""
    if headless(service):
        return {number for pod in pods for _, number in pod.ports}
    return {int(port) for each in mappings(service.spec, "ports") if (port := text(each, "port")).isdecimal()}


@workload_check("triton-models", "The Tritons at an address serve the models that they are asked for there.")
def models(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """A pool that loads one model answers nothing about the other."""
    for each in _addresses(workload, patient):
        for pod in _tritons(each, patient):
            served = {config.model.name for config in configs(pod.triton, patient)} if pod.triton else set()
            missing = [name for name in each.models if served and name not in served]
            if missing:
                yield wrong(
                    f"{each.variable} {each.written} is asked for {listed(missing)}, and {pod} loads "
                    f"{listed(sorted(served))}",
                    "load the model there (--load-model), or ask another pool",
                )


@workload_check("pool-mix", "An address leads to pods of one kind.")
def pool_mix(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Calls are spread evenly: the slow ones set the pace, and the fast ones idle."""
    for each in _addresses(workload, patient):
        pods = _tritons(each, patient)
        names = {pod.triton.flag("model-config-name") for pod in pods if pod.triton}
        if len(names) > 1:
            yield risky(
                f"{each.variable} {each.written} leads to {listed(pods)}, which run other engines: calls are spread "
                "over them evenly",
                "give each pool a Service of its own: select its component, too",
            )


@workload_check("balancing", "The gateway reaches all Tritons, not the one that its connection happened to get.")
def balancing(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """A Service balances connections, not calls, and gRPC keeps one connection."""
    for each in _addresses(workload, patient):
        if each.service and _tritons(each, patient) and not (headless(each.service) and each.by_name):
            yield wrong(
                f"{each.variable} {each.written} leads to one Triton at a time: a Service balances connections, not "
                "calls",
                f"make {each.service} headless (clusterIP: None) and write dns:///{each.host}:PORT",
            )


@workload_check("network-path", "NetworkPolicies let the gateway reach the Tritons that it is told of.")
def path(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Both sides must agree: the egress of one, the ingress of the other."""
    for each in _addresses(workload, patient):
        for pod in _tritons(each, patient):
            direction = blocked(patient.manifests, Connection(workload, pod, each.port)) if patient.manifests else ""
            if direction:
                owner = workload if direction == "Egress" else pod
                yield wrong(
                    f"{each.variable} {each.written}: NetworkPolicies refuse {owner} this {direction.lower()} "
                    f"(port {each.port})",
                    "add a rule that names the other's pods and the port",
                )


CHECKS = [address, models, pool_mix, balancing, path]
