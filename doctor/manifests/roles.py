"""Who is who: gateways and Tritons among the workloads, the settings of the former, the configs of the latter."""

from collections.abc import Iterator

from doctor.gateway_settings import Reading, from_flags, read
from doctor.manifests.containers import Container
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.repository.model import Config


def settings(container: Container) -> Reading:
    """What a gateway's container sets, by environment and flags, and what is wrong with it."""
    flags, faults = from_flags(_arguments(container))
    reading = read({**container.env, **flags})
    return Reading(reading.settings, reading.given, [*faults, *reading.faults])


def variables(container: Container) -> dict[str, str] | None:
    """A gateway container's settings as variables; None where some come from secrets."""
    flags, _ = from_flags(_arguments(container))
    return None if container.secretive else {**container.env, **flags}


def _arguments(container: Container) -> list[str]:
    words = container.words
    return words[words.index("gateway") + 1 :] if "gateway" in words else words


def configs(container: Container, patient: Patient) -> list[Config]:
    """The configs that a Triton's container will take, as far as they can be read."""
    name = container.flag("model-config-name") or ""
    loaded = {*container.flags("load-model")} - {"*"}
    chosen = patient.chosen(name)
    return [each for each in chosen if each.proto is not None and (not loaded or each.model.name in loaded)]


def gateways(manifests: Manifests) -> Iterator[tuple[Workload, Container]]:
    """Workloads that run the gateway all the time."""
    for workload in manifests.workloads:
        if workload.gateway:
            yield workload, workload.gateway


def tritons(manifests: Manifests) -> Iterator[tuple[Workload, Container]]:
    """Workloads that run Triton all the time."""
    for workload in manifests.workloads:
        if workload.triton:
            yield workload, workload.triton


def named(manifests: Manifests, kind: str, name: str, namespace: str) -> Resource | None:
    """Return the object of a kind and name in a namespace; None where it is not among the manifests."""
    found = (each for each in manifests.of(kind) if each.name == name)
    return next((each for each in found if same_namespace(each.namespace, namespace)), None)


def same_namespace(one: str, other: str) -> bool:
    """Tell whether two namespaces are the same; one that is left open fits all."""
    return not one or not other or one == other
