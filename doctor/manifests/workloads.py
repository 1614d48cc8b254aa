"""Workloads: Deployments and whatever else runs pods."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from doctor.manifests.containers import Container
from doctor.manifests.resource import Resource
from doctor.manifests.selectors import fits
from doctor.tree import mapping, mappings, number, text

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob")
_RUN_ONCE = ("Job", "CronJob")
_GRACE = 30.0  # Kubernetes' default, seconds


@dataclass(frozen=True)
class Workload(Resource):
    """A Deployment or the like."""

    config_maps: Mapping[str, Mapping[str, Any]]

    @property
    def replicas(self) -> float | None:
        """How many pods it asks for; None where it leaves that open."""
        return number(self.raw, "spec", "replicas")

    @cached_property
    def _template(self) -> dict[str, Any]:
        """What its pods are made of."""
        path = {"Pod": (), "CronJob": ("spec", "jobTemplate", "spec", "template")}
        return mapping(self.raw, *path.get(self.kind, ("spec", "template")))

    @cached_property
    def pod(self) -> dict[str, Any]:
        """The pod's spec."""
        return mapping(self._template, "spec")

    @property
    def labels(self) -> dict[str, Any]:
        """The pod's labels."""
        return mapping(self._template, "metadata", "labels")

    @property
    def grace(self) -> float:
        """Seconds between SIGTERM's announcement and SIGKILL."""
        found = number(self.pod, "terminationGracePeriodSeconds")
        return _GRACE if found is None else found

    @cached_property
    def containers(self) -> list[Container]:
        """Those that run all the time: sidecars, which start first, and the others."""
        return [*(each for each in self._initial if each.is_sidecar), *self._containers("containers")]

    @cached_property
    def first(self) -> list[Container]:
        """Those that run before."""
        return [each for each in self._initial if not each.is_sidecar]

    @cached_property
    def _initial(self) -> list[Container]:
        return self._containers("initContainers")

    def _containers(self, key: str) -> list[Container]:
        rights = mapping(self.pod, "securityContext")
        lasting = self.kind not in _RUN_ONCE
        return [Container(raw, self.config_maps, rights, lasting) for raw in mappings(self.pod, key)]

    @property
    def gateway(self) -> Container | None:
        """The container that runs `scoring gateway`."""
        return next((each for each in self.containers if each.is_gateway), None)

    @property
    def triton(self) -> Container | None:
        """The container that runs Triton."""
        return next((each for each in self.containers if each.is_triton), None)

    @property
    def ports(self) -> list[tuple[str, int]]:
        """Names and numbers of its containers' ports; a port without a name has an empty one."""
        found = [port for each in self.containers for port in mappings(each.raw, "ports")]
        return [(text(port, "name"), int(number(port, "containerPort") or 0)) for port in found]

    def matched_by(self, selector: Mapping[str, Any]) -> bool:
        """Tell whether a label selector, in either of its forms, takes these pods."""
        return fits(selector, self.labels)
