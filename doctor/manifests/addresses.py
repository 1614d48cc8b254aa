"""Where a gateway looks for Tritons, and which Services and pods those addresses lead to."""

from collections.abc import Iterator
from typing import NamedTuple

from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import named, same_namespace, settings
from doctor.manifests.workloads import Workload
from doctor.tree import mapping, text

_DNS = "dns:///"
_DEFAULT_PORT = 8001


class Address(NamedTuple):
    """One address of a setting, the models that are asked for there, and its Service; None if there is none."""

    variable: str
    written: str
    host: str
    port: int
    models: tuple[str, ...]
    service: Resource | None

    @property
    def by_name(self) -> bool:
        """Whether every address behind the name is used."""
        return self.written.startswith(_DNS)

    @property
    def inside(self) -> bool:
        """Whether it names a Service of the cluster, and no machine elsewhere."""
        first, _, rest = self.host.partition(".")
        return bool(first) and (not rest or rest.endswith((".svc", ".svc.cluster.local")) or "." not in rest)


def addresses(workload: Workload, manifests: Manifests) -> Iterator[Address]:
    """Yield those that a gateway's settings state."""
    if workload.gateway is None:
        return
    reading = settings(workload.gateway)
    found = reading.settings
    common = (found.faq_model,) if found.image_triton_url else (found.faq_model, found.image_model)
    wanted = {
        "SCORING_TRITON_URL": (found.triton_url, common),
        "SCORING_IMAGE_TRITON_URL": (found.image_triton_url, (found.image_model,)),
        "SCORING_IMAGE_TRITON_FALLBACK_URL": (found.image_triton_fallback_url, (found.image_model,)),
    }
    for variable, (value, models) in wanted.items():
        for each in value.split(",") if reading.sets(variable) else ():
            if written := each.strip():
                host, _, port = written.removeprefix(_DNS).partition(":")
                number = int(port) if port.isdecimal() and len(port) < 6 else _DEFAULT_PORT
                yield Address(variable, written, host, number, models, _service(host, manifests, workload))


def _service(host: str, manifests: Manifests, workload: Workload) -> Resource | None:
    name, _, rest = host.partition(".")
    namespace = rest.partition(".")[0] or workload.namespace
    return named(manifests, "Service", name, namespace)


def behind(service: Resource, manifests: Manifests) -> list[Workload]:
    """Return the workloads whose pods a Service leads to."""
    selector = mapping(service.spec, "selector")
    return [
        workload
        for workload in manifests.workloads
        if selector and same_namespace(service.namespace, workload.namespace) and workload.matched_by(selector)
    ]


def headless(service: Resource) -> bool:
    """Tell whether a Service's name stands for all its pods."""
    return text(service.spec, "clusterIP") == "None"
