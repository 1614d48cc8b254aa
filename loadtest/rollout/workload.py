"""What decides how pods of a Deployment come and go: all of it read from its manifest."""

import re
from collections.abc import Mapping
from math import ceil, floor
from typing import Any

import msgspec

from loadtest.errors import LoadTestError
from loadtest.rollout.manifests import Manifests, Object

GATEWAY = "gateway"
_TRITON = "triton"  # the container
_TRITON_URL = re.compile(r"dns:///(?P<host>(?P<service>[a-z0-9-]+)[a-z0-9.-]*):(?P<port>\d+)")
_COMMAND = ("scoring", "models")  # may stand in the manifest, or be the image's own
_SLEEP = re.compile(r"sleep (\d+(?:\.\d+)?)s?")
_HINT = "scoring bench rollout understands what the overlays of k8s use"


class Probe(msgspec.Struct, frozen=True):
    """An HTTP probe; times in seconds, and how many answers in a row change the pod's state."""

    path: str
    port: int
    initial_delay: float
    period: float
    timeout: float
    successes: int
    failures: int


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """When pods count, and how they end; times in seconds. `max_surge` and `max_unavailable` may be percentages."""

    min_ready: float
    max_surge: int | str
    max_unavailable: int | str
    pre_stop: float
    termination_grace: float
    startup: Probe | None
    readiness: Probe

    def surge(self, replicas: int) -> int:
        """Return how many pods more than wanted there may be; percentages are rounded up, as Kubernetes does."""
        return _of(self.max_surge, replicas, ceil)

    def unavailable(self, replicas: int) -> int:
        """Return how many pods fewer than wanted may be available; percentages are rounded down."""
        return _of(self.max_unavailable, replicas, floor)


class Helper(msgspec.Struct, frozen=True):
    """The container that brings models into a pod: the words behind `scoring models`, and its environment."""

    words: list[str]
    environ: dict[str, str]


class Workload(msgspec.Struct, frozen=True):
    """A Deployment: its pods' timings, and the ports by name, arguments and environment of its main container."""

    name: str
    timings: Timings
    ports: dict[str, int]
    args: list[str]
    environ: dict[str, str]
    models: Helper

    def port(self, name: str) -> int:
        """Return a port of the main container. Raises LoadTestError."""
        if name not in self.ports:
            raise LoadTestError(f"the container of {self.name} has no port {name}", _HINT)
        return self.ports[name]


class Service(msgspec.Struct, frozen=True):
    """A headless Service: the name that its pods' addresses are looked up by."""

    host: str
    port: int


class Workloads(msgspec.Struct, frozen=True):
    """The gateway, the Tritons that it asks for answers, and the name that it knows these by."""

    gateway: Workload
    triton: Workload
    service: Service


def read(manifests: Manifests) -> Workloads:
    """Return what the manifests say about gateways and Tritons. Raises LoadTestError."""
    gateway = _workload(manifests, manifests.deployment(GATEWAY), GATEWAY)
    url = gateway.environ.get("SCORING_TRITON_URL", "")
    found = _TRITON_URL.fullmatch(url)
    if found is None:
        raise LoadTestError(f"SCORING_TRITON_URL={url} is no name of a headless Service", _HINT)
    triton = _workload(manifests, manifests.deployment_behind(found["service"]), _TRITON)
    return Workloads(gateway, triton, Service(found["host"], int(found["port"])))


def _workload(manifests: Manifests, deployment: Object, container: str) -> Workload:
    name, spec = str(deployment["metadata"]["name"]), deployment["spec"]
    pod = spec["template"]["spec"]
    main = _container(pod["containers"], container, name)
    models = _container(pod.get("initContainers", []), "models", name)
    ports = {each["name"]: int(each["containerPort"]) for each in main.get("ports", []) if "name" in each}
    rolling = spec.get("strategy", {}).get("rollingUpdate", {})
    if "readinessProbe" not in main:
        raise LoadTestError(f"the container of {name} has no readinessProbe", _HINT)
    timings = Timings(
        min_ready=spec.get("minReadySeconds", 0),
        max_surge=rolling.get("maxSurge", "25%"),
        max_unavailable=rolling.get("maxUnavailable", "25%"),
        pre_stop=_pre_stop(main.get("lifecycle", {}).get("preStop", {}), name),
        termination_grace=pod.get("terminationGracePeriodSeconds", 30),
        startup=_probe(main["startupProbe"], ports, name) if "startupProbe" in main else None,
        readiness=_probe(main["readinessProbe"], ports, name),
    )
    words = [str(each) for each in (*models.get("command", []), *models.get("args", []))]
    helper = Helper([each for each in words if each not in _COMMAND], manifests.environ(models))
    args = [str(each) for each in main.get("args", [])]
    return Workload(name, timings, ports, args, manifests.environ(main), helper)


def _container(containers: list[Object], name: str, deployment: str) -> Object:
    for each in containers:
        if each["name"] == name:
            return each
    raise LoadTestError(f"the pods of {deployment} have no container {name}", _HINT)


def _probe(probe: Mapping[str, Any], ports: Mapping[str, int], name: str) -> Probe:
    if "httpGet" not in probe:
        raise LoadTestError(f"a probe of {name} is none over HTTP", _HINT)
    get = probe["httpGet"]
    return Probe(  # Kubernetes' defaults: reference "Configure Liveness, Readiness and Startup Probes"
        path=get.get("path", "/"),
        port=int(ports.get(str(get["port"]), get["port"])),
        initial_delay=probe.get("initialDelaySeconds", 0),
        period=probe.get("periodSeconds", 10),
        timeout=probe.get("timeoutSeconds", 1),
        successes=probe.get("successThreshold", 1),
        failures=probe.get("failureThreshold", 3),
    )


def _pre_stop(hook: Mapping[str, Any], name: str) -> float:
    if not hook:
        return 0.0
    if "sleep" in hook:
        return float(hook["sleep"]["seconds"])
    found = _SLEEP.search(" ".join(map(str, hook.get("exec", {}).get("command", []))))
    if found is None:
        raise LoadTestError(f"the preStop hook of {name} does not sleep", _HINT)
    return float(found[1])


def _of(bound: int | str, replicas: int, whole: Any) -> int:
    if isinstance(bound, str) and bound.endswith("%"):
        return int(whole(replicas * int(bound[:-1]) / 100))
    return int(bound)
