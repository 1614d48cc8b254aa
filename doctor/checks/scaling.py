"""Scaling: autoscalers, their metrics and bounds; and roll-outs."""

import re
from collections.abc import Iterator

from doctor.check import resource_check, workload_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import same_namespace
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import mapping, mappings, number, text
from doctor.wording import listed

_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_GUARDS = ("clamp_min", "> 0", ">0", "> bool 0", "!= 0")
_CONSTANT = re.compile(r"[(\s]*\d")


def _goal(scaler: Resource) -> tuple[str, str]:
    reference = mapping(scaler.spec, "scaleTargetRef")
    return text(reference, "kind") or "Deployment", text(reference, "name")


def scales(scaler: Resource, workload: Workload) -> bool:
    """Tell whether an autoscaler decides how many pods a workload has."""
    same = same_namespace(scaler.namespace, workload.namespace)
    return same and _goal(scaler) == (workload.kind, workload.name)


@resource_check("scaler-conflict", "A workload has one autoscaler.", *_SCALERS)
def conflict(scaler: Resource, manifests: Manifests) -> Iterator[Fault]:
    """KEDA makes an HPA of its own; two of them pull in two directions."""
    rivals = [each for each in manifests.of(*_SCALERS) if _goal(each) == _goal(scaler) and _near(each, scaler)]
    if len(rivals) > 1 and scaler is rivals[0]:
        yield wrong(
            f"{listed(rivals)} scale {'/'.join(_goal(scaler))}, each to a number of its own",
            "keep the ScaledObject alone",
        )


def _near(one: Resource, other: Resource) -> bool:
    return same_namespace(one.namespace, other.namespace)


@resource_check("scaler-target", "An autoscaler's target is there, and its bounds leave it something to do.", *_SCALERS)
def goal(scaler: Resource, manifests: Manifests) -> Iterator[Fault]:
    """A name with a suffix or without is the usual mistake."""
    if not any(scales(scaler, workload) for workload in manifests.workloads):
        yield wrong(f"there is no {'/'.join(_goal(scaler))} to scale", "correct scaleTargetRef")
    least, most = bounds(scaler)
    if least > most:
        yield wrong(f"its least number of pods, {least:g}, is above its most, {most:g}", "swap them")


def bounds(scaler: Resource) -> tuple[float, float]:
    """The least and most pods, with the defaults of both kinds."""
    keda = scaler.kind == "ScaledObject"
    least = number(scaler.spec, "minReplicaCount" if keda else "minReplicas")
    most = number(scaler.spec, "maxReplicaCount" if keda else "maxReplicas")
    return (0.0 if keda else 1.0) if least is None else least, (100.0 if keda else 1.0) if most is None else most


@resource_check("scaler-division", "A metric that divides cannot divide by zero.", "ScaledObject")
def division(scaler: Resource, _: Manifests) -> Iterator[Fault]:
    """Without traffic, 0/0 is no number, and the autoscaler reports a failure or does something odd."""
    for trigger in mappings(scaler.spec, "triggers"):
        query = text(trigger, "metadata", "query")
        if _unguarded(query):
            yield wrong(
                f"its query divides by what may be 0: {query[:120]}", "write clamp_min(DIVISOR, 1) behind the /"
            )


def _unguarded(query: str) -> bool:
    divisors = _QUOTED.sub("", query).split("/")[1:]
    return any(not _CONSTANT.match(each) and not any(guard in each for guard in _GUARDS) for each in divisors)


@resource_check("scaler-from-zero", "A pool without pods is woken by a metric that somebody else has.", "ScaledObject")
def from_zero(scaler: Resource, _: Manifests) -> Iterator[Fault]:
    """Triton's own metrics end with its last pod."""
    queries = [text(each, "metadata", "query") for each in mappings(scaler.spec, "triggers")]
    if bounds(scaler)[0] == 0 and queries and all("nv_" in each for each in queries):
        yield wrong(
            "it scales to zero, and all its queries are about Triton's own metrics: no pod, no metric, no pod ever",
            "add a trigger on requests that wait in the gateway, or set minReplicaCount: 1",
        )


@workload_check("replicas", "What an autoscaler decides is not decided in the Deployment as well.")
def replicas(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Every roll-out would fall back to that number first."""
    scalers = patient.manifests.of(*_SCALERS) if patient.manifests else []
    if workload.replicas is not None and any(scales(scaler, workload) for scaler in scalers):
        yield risky(
            f"it states replicas: {workload.replicas:g}, and an autoscaler decides: each apply goes back to that "
            "number",
            "leave replicas out",
        )


def fewest(workload: Workload, manifests: Manifests) -> float:
    """Return the fewest pods that a workload has; 0 for one that scales to nothing."""
    found = [bounds(each)[0] for each in manifests.of(*_SCALERS) if scales(each, workload)]
    return min(found) if found else (1.0 if workload.replicas is None else workload.replicas)


@workload_check("rollout", "A roll-out starts a new pod before it stops an old one.")
def rollout(workload: Workload, _: Patient) -> Iterator[Fault]:
    """With few pods, one less is a large part of the capacity."""
    if workload.kind != "Deployment" or not (workload.gateway or workload.triton):
        return
    strategy = mapping(workload.raw, "spec", "strategy")
    unavailable = text(strategy, "rollingUpdate", "maxUnavailable")
    if text(strategy, "type") == "Recreate":
        yield wrong(
            "its strategy Recreate stops all pods before it starts new ones", "use RollingUpdate, maxUnavailable: 0"
        )
    elif unavailable not in {"0", "0%"}:
        yield risky(
            f"maxUnavailable is {unavailable or '25% by default'}: a roll-out takes capacity away",
            "write strategy: rollingUpdate: {maxSurge: 1, maxUnavailable: 0}",
        )


CHECKS = [conflict, goal, division, from_zero, replicas, rollout]
