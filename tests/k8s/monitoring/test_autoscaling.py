"""Autoscaling: what KEDA's queries say in which situation, taken from the overlays as rendered, and bounds that fit."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.k8s.manifests.rendering import AKS, Object, find, needs_kubectl, of, rendered, settings
from tests.k8s.monitoring.cases.autoscaling import SITUATIONS, Situation
from tests.k8s.monitoring.promtool import needs_promtool, verify

pytestmark = [needs_kubectl, needs_promtool]

_ROOT = Path(__file__).parents[3]


@cache
def _specs(overlay: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each["spec"] for each in of(rendered(overlay), "ScaledObject")}


def _scaled(overlay: str, name: str) -> dict[str, Any]:
    return _specs(overlay)[name]


def _trigger(overlay: str, target: str, name: str) -> dict[str, str]:
    (found,) = [each["metadata"] for each in _scaled(overlay, target)["triggers"] if each["name"] == name]
    return dict(found)


def _all_triggers() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (overlay, name, trigger)
        for overlay in AKS
        for name, spec in _specs(overlay).items()
        for trigger in spec["triggers"]
    ]


@pytest.mark.parametrize("given", SITUATIONS, ids=lambda each: f"{each.target} {each.trigger}: {each.what}")
def test_queries(given: Situation) -> None:
    """A query has the value that is meant, one number whatever happens, and none where nobody tells anything."""
    verify(given.series, {_trigger(given.overlay, given.target, given.trigger)["query"]: given.value}, "30m")


def test_all_queries_are_tested() -> None:
    """Each trigger of the overlays has a situation with load, one without, and one in which Prometheus is silent."""
    for overlay, target, trigger in _all_triggers():
        query = trigger["metadata"]["query"]
        values = {each.value for each in SITUATIONS if _trigger(*each[:3])["query"] == query}
        assert {0, None} < values, (overlay, target, trigger["name"])


def test_triggers() -> None:
    """Each is an average for each pod, asked of Azure under KEDA's identity; silence is an error, not zero."""
    for overlay, target, trigger in _all_triggers():
        place = (overlay, target, trigger["name"])
        assert trigger["type"] == "prometheus", place
        assert trigger["metricType"] == "AverageValue", place
        assert trigger["metadata"]["ignoreNullValues"] == "false", place
        assert re.fullmatch(r"https://\S+[.]prometheus[.]monitor[.]azure[.]com", trigger["metadata"]["serverAddress"])
        identity = find(rendered(overlay), "TriggerAuthentication", trigger["authenticationRef"]["name"])["spec"]
        assert identity["podIdentity"]["provider"] == "azure-workload"
        assert re.fullmatch(r"[0-9a-f-]{36}", identity["podIdentity"]["identityId"])


@pytest.mark.parametrize("overlay", AKS)
def test_bounds(overlay: str) -> None:
    """Each Deployment is scaled by one object, within bounds that a drained node and silence of Prometheus respect."""
    objects = rendered(overlay)
    scaled = {each["spec"]["scaleTargetRef"]["name"]: each["spec"] for each in of(objects, "ScaledObject")}
    assert set(scaled) == {each["metadata"]["name"] for each in of(objects, "Deployment")}
    for name, spec in scaled.items():
        assert "replicas" not in find(objects, "Deployment", name)["spec"]
        least = spec.get("minReplicaCount", 0)
        assert least <= spec["fallback"]["replicas"] <= spec["maxReplicaCount"]
        assert spec["fallback"]["behavior"] == "currentReplicasIfHigher"
        assert least >= 2 or name == "triton-gpu", "one that may be evicted leaves another"
        assert find(objects, "PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("overlay", AKS)
def test_gateways_keep_all_tritons_busy(overlay: str) -> None:
    """The fewest gateways make two calls with images at a time for each of the most Tritons: one runs, one waits."""
    given = settings(rendered(overlay))
    workers, calls = int(given["SCORING_WORKERS"]), int(given.get("SCORING_MAX_IMAGE_CALLS", "2"))
    pool = "triton-gpu" if "SCORING_IMAGE_TRITON_URL" in given else "triton-cpu"
    least = _scaled(overlay, "gateway")["minReplicaCount"] * workers * calls
    assert least >= 2 * _scaled(overlay, pool)["maxReplicaCount"]


@pytest.mark.parametrize(("pool", "targets"), [("gpu", ["triton-gpu"]), ("cpu", ["triton-cpu", "gateway"])])
def test_node_pools_have_room(pool: str, targets: list[str]) -> None:
    """The most pods, and one more of each during its roll-out, find nodes; a gateway may need a third of one."""
    bicep = (_ROOT / "k8s/infra/main.bicep").read_text()
    (nodes,) = re.findall(rf"^param {pool}MaxCount int = (\d+)$", bicep, re.MULTILINE)
    for overlay in [each for each in AKS if pool == "cpu" or each != "aks-cpu"]:
        wanted = {target: _scaled(overlay, target)["maxReplicaCount"] + 1 for target in targets}
        assert sum(-(-most // (3 if target == "gateway" else 1)) for target, most in wanted.items()) <= int(nodes)


def test_gpus_come_when_they_pay() -> None:
    """From zero, a GPU is ordered at the load from which on it is cheaper, and nothing else keeps it."""
    models = json.loads((_ROOT / "docs/cost.json").read_text())["models"]
    (images,) = [each for each in models if "bf16" in each["rate"]["engine"]]
    (line,) = [each for each in images["lines"] if each["size"]["name"] == "Standard_NC4as_T4_v3"]
    spec = _scaled("aks", "triton-gpu")
    assert (spec["minReplicaCount"], spec["cooldownPeriod"]) == (0, 1800)
    starts = {each["name"]: float(each["metadata"]["activationThreshold"]) for each in spec["triggers"]}
    assert starts.pop("images-asked-for") == pytest.approx(line["break_even_per_s"], rel=0.1)
    # The other queries never reach this: a pod counts for 3 at most.
    assert all(start > 3 * spec["maxReplicaCount"] for start in starts.values())


@pytest.mark.parametrize("overlay", AKS)
def test_patience(overlay: str) -> None:
    """Pods are given back more slowly than they are ordered, GPUs slowest of all."""
    windows: dict[str, int] = {}
    for each in of(rendered(overlay), "ScaledObject"):
        behavior: Object = each["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        windows[each["metadata"]["name"]] = behavior["scaleDown"]["stabilizationWindowSeconds"]
        assert behavior["scaleUp"]["stabilizationWindowSeconds"] < windows[each["metadata"]["name"]]
    by_patience = sorted(windows, key=windows.__getitem__)
    assert by_patience == [each for each in ("gateway", "triton-cpu", "triton-gpu") if each in windows]
