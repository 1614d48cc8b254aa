"""Nobody is killed or forgotten before the others have noticed: arithmetic across gateway, Triton and edge."""

from collections.abc import Callable, Iterator

import pytest

from tests.k8s.manifests.rendering import (
    OVERLAYS,
    Objects,
    container,
    find,
    flag,
    needs_kubectl,
    of,
    pod_spec,
    rendered,
    settings,
)

pytestmark = needs_kubectl

# Seconds. Kubernetes' default Corefile caches what it answers (kubernetes.io, "Customizing DNS Service"), the gateway
# looks names up (docs/operations.md), and replaces a worker that does not end.
DNS_CACHE = 30.0
LOOK_UP = 3.0
WORKER = 10.0
# Until a removed endpoint has reached kube-proxies, or the edge through its control plane: seconds on a busy cluster.
PROPAGATION = 10.0
# After which Envoy closes a connection that nobody uses (its HTTP protocol options, idle_timeout).
EDGE_IDLE = 3600.0


def faults(objects: Objects) -> Iterator[str]:
    """Yield the names of inequalities that do not hold."""
    for name, holds in {**_gateway(objects), **_tritons(objects), **_edge(objects)}.items():
        if not holds:
            yield name


def _gateway(objects: Objects) -> dict[str, bool]:
    values, workload = settings(objects), find(objects, "Deployment", "gateway")
    drain, grace = float(values["SCORING_DRAIN_DELAY"]), float(values["SCORING_GRACE"])
    probe = container(workload, "gateway")["readinessProbe"]
    return {
        "the gateway drains until all have noticed": drain > PROPAGATION,
        "the edge lets go of idle connections first": float(values["SCORING_KEEP_ALIVE"]) > EDGE_IDLE,
        "balancers that probe have noticed, too": drain > probe["periodSeconds"] * probe["failureThreshold"],
        "the slowest request ends in the grace": grace >= float(values["SCORING_MAX_DEADLINE"]),
        "the gateway is not killed": pod_spec(workload)["terminationGracePeriodSeconds"] > drain + grace + WORKER,
        "a new gateway is known before an old one goes": workload["spec"]["minReadySeconds"] >= PROPAGATION,
    }


def _tritons(objects: Objects) -> dict[str, bool]:
    longest = float(settings(objects)["SCORING_MAX_DEADLINE"])
    found: dict[str, bool] = {}
    for each in of(objects, "Deployment"):
        name = each["metadata"]["name"]
        if name == "gateway":
            continue
        wait = container(each, "triton")["lifecycle"]["preStop"]["sleep"]["seconds"]
        age_grace, exit_timeout = (
            int(flag(each, "grpc-max-connection-age-grace")) / 1000,
            int(flag(each, "exit-timeout-secs")),
        )
        startup = container(each, "triton")["startupProbe"]
        found |= {
            f"{name} serves until most gateways know": wait > 2 * LOOK_UP,
            f"{name} finishes what it has": exit_timeout >= longest,
            f"{name} is not killed": pod_spec(each)["terminationGracePeriodSeconds"] > wait + exit_timeout,
            f"calls outlive {name}'s old connections": age_grace >= longest,
            f"{name} is known before another goes": each["spec"]["minReadySeconds"] > DNS_CACHE + LOOK_UP,
            f"{name} may start slowly": startup["periodSeconds"] * startup["failureThreshold"] >= 300,
        }
    return found


def _edge(objects: Objects) -> dict[str, bool]:
    longest = float(settings(objects)["SCORING_MAX_DEADLINE"])
    timeouts = [
        float(rule["timeouts"]["request"].removesuffix("s"))
        for route in of(objects, "HTTPRoute")
        for rule in route["spec"]["rules"]
        if "backendRefs" in rule
    ]
    return {"the edge waits for the gateway's own word": all(each > longest for each in timeouts)}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_arithmetic_holds(overlay: str) -> None:
    """In every overlay each waits longer than what it waits for."""
    assert list(faults(rendered(overlay))) == []


def _setting(name: str, value: str) -> Callable[[Objects], None]:
    def change(objects: Objects) -> None:
        settings(objects)[name] = value

    return change


def _grace(name: str, seconds: int) -> Callable[[Objects], None]:
    def change(objects: Objects) -> None:
        pod_spec(find(objects, "Deployment", name))["terminationGracePeriodSeconds"] = seconds

    return change


def _minimum(name: str, seconds: int) -> Callable[[Objects], None]:
    def change(objects: Objects) -> None:
        find(objects, "Deployment", name)["spec"]["minReadySeconds"] = seconds

    return change


def _sleep(objects: Objects) -> None:
    container(find(objects, "Deployment", "triton-gpu"), "triton")["lifecycle"]["preStop"]["sleep"]["seconds"] = 5


def _short_exit(objects: Objects) -> None:
    args = container(find(objects, "Deployment", "triton-cpu"), "triton")["args"]
    args[args.index("--exit-timeout-secs=30")] = "--exit-timeout-secs=5"


FAULTS: dict[str, Callable[[Objects], None]] = {
    "the gateway drains until all have noticed": _setting("SCORING_DRAIN_DELAY", "5"),
    "the edge lets go of idle connections first": _setting("SCORING_KEEP_ALIVE", "75"),
    "the slowest request ends in the grace": _setting("SCORING_MAX_DEADLINE", "30"),
    "the edge waits for the gateway's own word": _setting("SCORING_MAX_DEADLINE", "20"),
    "the gateway is not killed": _grace("gateway", 30),
    "triton-cpu is not killed": _grace("triton-cpu", 40),
    "triton-cpu finishes what it has": _short_exit,
    "triton-gpu serves until most gateways know": _sleep,
    "triton-gpu is known before another goes": _minimum("triton-gpu", 10),
    "a new gateway is known before an old one goes": _minimum("gateway", 0),
}


@pytest.mark.parametrize(("name", "plant"), FAULTS.items(), ids=FAULTS)
def test_planted_faults_are_seen(name: str, plant: Callable[[Objects], None]) -> None:
    """A number that is changed alone breaks what depends on it."""
    objects = rendered("aks")
    plant(objects)
    assert name in faults(objects)
