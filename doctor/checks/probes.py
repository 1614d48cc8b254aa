"""Probes: who is started anew, and who gets requests."""

from collections.abc import Iterator
from typing import Any

from doctor.check import container_check
from doctor.files import size
from doctor.finding import Fault, risky, wrong
from doctor.manifests.containers import Container
from doctor.manifests.roles import configs, settings
from doctor.patient import Patient
from doctor.tree import mappings, number, text, texts

_READY, _LIVE = ("/readyz", "/v2/health/ready", "/ready"), ("/livez", "/v2/health/live")
_LOAD_RATE = 20e6  # bytes of a model's file per second: reading, optimising and warming up, on few cores
_START = 20.0  # seconds until Triton has its backends
_ENGINES = 600.0  # seconds in which TensorRT builds a large network's engines


def _ours(container: Container) -> bool:
    return container.is_gateway or container.is_triton


def _paths(container: Container) -> tuple[str, str]:
    return ("/livez", "/readyz") if container.is_gateway else ("/v2/health/live", "/v2/health/ready")


def _path(probe: Any) -> str:
    """The path that a probe asks for, over HTTP or by a command."""
    return text(probe, "httpGet", "path") or " ".join(texts(probe, "exec", "command"))


@container_check("liveness", "Liveness asks whether the process lives, never whether it is ready.")
def liveness(container: Container, _: Patient) -> Iterator[Fault]:
    """A Triton that loads, or a gateway without one, is not mended by a restart."""
    if not _ours(container):
        return
    live, _ready = _paths(container)
    probe = container.probe("liveness")
    if not probe:
        yield risky("there is no livenessProbe: a process that hangs is never started anew", f"probe {live}")
    elif any(path in _path(probe) for path in _READY):
        yield wrong(
            f"its livenessProbe asks {_path(probe)}: whoever is not ready, for want of Triton or while a model "
            "loads, is "
            "killed",
            f"probe {live}",
        )


@container_check("readiness", "Readiness asks whether requests can be answered.")
def readiness(container: Container, _: Patient) -> Iterator[Fault]:
    """Without it, requests arrive as soon as the process has started."""
    if not _ours(container):
        return
    _live, ready = _paths(container)
    probe = container.probe("readiness")
    if not probe:
        yield wrong("there is no readinessProbe: requests arrive before a model is loaded", f"probe {ready}")
        return
    if any(path in _path(probe) for path in _LIVE):
        yield wrong(f"its readinessProbe asks {_path(probe)}, which is always yes", f"probe {ready}")
    if number(probe, "failureThreshold") == 1:
        yield risky("one slow answer takes the pod out: under load, all go at a time", "set failureThreshold: 2")
    patience = number(probe, "timeoutSeconds") or 1.0
    if container.is_gateway and patience <= settings(container).settings.readiness_deadline:
        longest = settings(container).settings.readiness_deadline
        yield risky(
            f"the probe waits {patience:g} s, and /readyz may take {longest:g} s (SCORING_READINESS_DEADLINE): a busy "
            "gateway counts as not ready",
            f"set timeoutSeconds to {int(longest) + 1}",
        )


@container_check("startup", "Nobody is killed for being slow to start.")
def startup(container: Container, patient: Patient) -> Iterator[Fault]:
    """Loading and warming up takes as long as the files are large; TensorRT builds engines first."""
    if not container.is_triton:
        return
    probe = container.probe("startup")
    needed = _load_time(container, patient)
    if not probe and not container.probe("liveness"):
        return
    judged, name = (probe, "startupProbe") if probe else (container.probe("liveness"), "livenessProbe")
    allowed = _allowed(judged)
    if allowed < needed:
        yield wrong(
            f"its {name} gives Triton {allowed:g} s to start, loading the models takes up to {needed:g} s: it is "
            "killed "
            "and starts again, for ever",
            f"give the startupProbe periodSeconds: 5 and failureThreshold: {int(needed / 5) + 1}",
        )
    elif not probe:
        yield risky("there is no startupProbe: a slow start counts against the livenessProbe", "add one")


def _allowed(probe: Any) -> float:
    """Seconds after which a probe that never succeeds has failed."""
    threshold = number(probe, "failureThreshold") or 3.0
    return (number(probe, "initialDelaySeconds") or 0.0) + (number(probe, "periodSeconds") or 10.0) * threshold


def _load_time(container: Container, patient: Patient) -> float:
    chosen = configs(container, patient)
    newest = [config.model.newest for config in chosen]
    total = sum(size(version.onnx) or 0 for version in newest if version)
    engines = any(
        each.name == "tensorrt"
        for config in chosen
        for each in config.proto.optimization.execution_accelerators.gpu_execution_accelerator
    )
    return round(_START + total / _LOAD_RATE + (_ENGINES if engines else 0.0))


@container_check("probe-port", "A probe asks a port that the container has.")
def port(container: Container, _: Patient) -> Iterator[Fault]:
    """A name that no port has fails for ever."""
    named = {text(each, "name") for each in mappings(container.raw, "ports")}
    for kind in ("liveness", "readiness", "startup"):
        for way in ("httpGet", "tcpSocket"):
            wanted = text(container.probe(kind), way, "port")
            if wanted and not wanted.isdecimal() and wanted not in named:
                yield wrong(
                    f"its {kind}Probe asks port {wanted!r}, which no containerPort is named", "name it in ports"
                )


@container_check("probe-scheme", "A gateway that speaks TLS is probed over HTTPS.")
def scheme(container: Container, _: Patient) -> Iterator[Fault]:
    """With a certificate, both ports speak TLS only."""
    if not container.is_gateway or not settings(container).settings.tls_cert:
        return
    for kind in ("liveness", "readiness", "startup"):
        probe = container.probe(kind)
        if _path(probe).startswith("/") and text(probe, "httpGet", "scheme") != "HTTPS":
            yield wrong(f"its {kind}Probe speaks plain HTTP, and the gateway TLS only", "add scheme: HTTPS")


CHECKS = [liveness, readiness, startup, port, scheme]
