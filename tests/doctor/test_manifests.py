"""Faults planted in rendered manifests are found, each by its check, with words that lead to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from doctor.checks import (
    gateway_pods,
    manifest_files,
    pods,
    probes,
    resources,
    scaling,
    services,
    shutdown,
    triton_pods,
)
from doctor.finding import Severity
from tests.doctor.healthy import diagnose, manifests, save_manifests, write_repository
from tests.doctor.planting import GPU, replace

ERROR, WARNING = Severity.ERROR, Severity.WARNING
Documents = list[dict[str, Any]]
Plant = Callable[[Documents], object]


def named(documents: Documents, kind: str, name: str) -> Any:
    """One of the objects."""
    return next(each for each in documents if (each["kind"], each["metadata"]["name"]) == (kind, name))


def pod(name: str, change: Callable[[Any], object]) -> Plant:
    """Change a Deployment's pod."""
    return lambda documents: change(named(documents, "Deployment", name)["spec"]["template"]["spec"])


def container(name: str, change: Callable[[Any], object]) -> Plant:
    """Change a Deployment's container."""
    return pod(name, lambda spec: change(spec["containers"][0]))


def put(name: str, key: str, value: Any) -> Plant:
    """Set a field of a container."""
    return container(name, lambda raw: raw.update({key: value}))


def flag(old: str, new: str = "") -> Plant:
    """Replace a flag of Triton's that is there, or add one."""

    def change(raw: Any) -> None:
        assert not old or old in raw["args"]
        raw["args"] = [*(each for each in raw["args"] if each != old), *([new] if new else [])]

    return container("triton", change)


def setting(name: str, value: str | None) -> Plant:
    """Change a variable of the gateway's ConfigMap; None takes it away."""

    def change(documents: Documents) -> None:
        data = named(documents, "ConfigMap", "gateway-settings")["data"]
        data.pop(name, None)
        data.update({name: value} if value is not None else {})

    return change


def limits(name: str, **resources_: str) -> Plant:
    """Give a container other limits, and requests of the same."""
    return put(name, "resources", {"limits": resources_, "requests": dict(resources_)})


def spec(kind: str, name: str, **values: Any) -> Plant:
    """Change the spec of an object."""
    return lambda documents: named(documents, kind, name)["spec"].update(values)


def without(kind: str, name: str) -> Plant:
    """Take an object away."""
    return lambda documents: documents.remove(named(documents, kind, name))


def http(path: str, **values: Any) -> dict[str, Any]:
    """A probe."""
    return {"httpGet": {"path": path, "port": "http"}, **values}


def query(text: str) -> Plant:
    """Scale Triton by another query."""
    return spec("ScaledObject", "triton", triggers=[{"type": "prometheus", "metadata": {"query": text}}])


def shared_memory(raw: Any) -> None:
    """Enlarge a pod's /dev/shm."""
    raw["volumes"] = [{"name": "shm", "emptyDir": {"medium": "Memory"}}]
    raw["containers"][0]["volumeMounts"] = [{"name": "shm", "mountPath": "/dev/shm"}]


def balanced_service(documents: Documents) -> None:
    """Give Triton's Service an address of its own."""
    named(documents, "Service", "triton")["spec"].pop("clusterIP")


ROUTE = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "public"},
    "spec": {"rules": [{"backendRefs": [{"name": "triton", "port": 8001}]}]},
}
RIVAL = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "rival"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "triton"}, "minReplicas": 2, "maxReplicas": 9},
}
PORT = {"name": "grpc", "port": 8001}
SUBPATH = {"mountPath": "/etc/scoring/keys.json", "subPath": "keys.json"}

PLANTED: list[tuple[str, Severity, str, Plant]] = [
    ("manifest-readable", ERROR, "without kind", lambda documents: documents.append({"spec": 1})),
    ("manifest-roles", WARNING, "Triton", without("Deployment", "triton")),
    ("manifest-twice", ERROR, "twice", lambda documents: documents.append(documents[1])),
    ("gateway-pod-settings", ERROR, "SCORING_WORKER", setting("SCORING_WORKER", "2")),
    ("gateway-pod-settings", ERROR, "SCORING_GRACE='soon'", setting("SCORING_GRACE", "soon")),
    ("gateway-pod-settings", ERROR, "--prot", put("gateway", "args", ["scoring", "gateway", "--prot=80"])),
    ("gateway-pod-settings", ERROR, "asks for no keys", setting("SCORING_KEYS_FILE", None)),
    ("gateway-pod-settings", ERROR, "SCORING_MAX_DEADLINE", setting("SCORING_MAX_DEADLINE", "1")),
    ("gateway-address", ERROR, "loopback", setting("SCORING_HOST", None)),
    ("gateway-pod-batches", WARNING, "64 at most", setting("SCORING_MAX_BATCH_SIZE", "128")),
    ("gateway-files", ERROR, "nothing is mounted", setting("SCORING_TLS_CERT", "/etc/tls/tls.crt")),
    ("gateway-files", WARNING, "subPath", put("gateway", "volumeMounts", [SUBPATH])),
    ("probe-scheme", ERROR, "TLS only", setting("SCORING_TLS_CERT", "/etc/tls/tls.crt")),
    ("image-tag", WARNING, "busybox", pod("triton", lambda raw: raw.update(initContainers=[{"image": "busybox"}]))),
    ("triton-config-name", ERROR, "laptops", flag("--model-config-name=cpu", "--model-config-name=cpus")),
    ("triton-flags", ERROR, "poll", flag("", "--model-control-mode=poll")),
    ("triton-flags", WARNING, "every client", flag("", "--model-control-mode=explicit")),
    ("triton-flags", WARNING, "guesses", flag("--disable-auto-complete-config")),
    ("triton-flags", WARNING, "goes on", flag("", "--exit-on-error=false")),
    ("connection-age", WARNING, "grace", flag("", "--grpc-max-connection-age=300000")),
    ("keepalive", ERROR, "too_many_pings", flag("", "--grpc-http2-max-ping-strikes=1")),
    ("network-policy", ERROR, "knows no clients", without("NetworkPolicy", "triton")),
    ("network-policy", ERROR, "everybody", spec("NetworkPolicy", "triton", ingress=[{}])),
    ("triton-exposed", ERROR, "LoadBalancer", spec("Service", "triton", type="LoadBalancer")),
    ("triton-exposed", ERROR, "Service triton", lambda documents: documents.append(ROUTE)),
    ("requests", WARNING, "no memory", limits("gateway", cpu="2")),
    ("requests", WARNING, "differ", put("triton", "resources", {"requests": {"cpu": "1"}, "limits": {"cpu": "5"}})),
    ("requests", WARNING, "4.5", limits("triton", cpu="4500m", memory="4Gi")),
    ("cpu-threads", ERROR, "4 threads", limits("triton", cpu="2", memory="4Gi")),
    ("cpu-threads", ERROR, "every core of the node", flag("--model-config-name=cpu")),
    ("cpu-threads", WARNING, "5 threads together", limits("triton", cpu="4", memory="4Gi")),
    ("gpu", ERROR, "asks for a GPU", flag("--model-config-name=cpu", "--model-config-name=gpu")),
    ("gpu", WARNING, "no model uses", limits("triton", cpu="5", memory="4Gi", **{"nvidia.com/gpu": "1"})),
    ("workers", WARNING, "take turns", put("gateway", "args", ["scoring", "gateway", "--workers=8"])),
    ("liveness", ERROR, "/readyz", put("gateway", "livenessProbe", http("/readyz"))),
    ("liveness", WARNING, "no livenessProbe", container("triton", lambda raw: raw.pop("livenessProbe"))),
    ("readiness", ERROR, "no readinessProbe", container("gateway", lambda raw: raw.pop("readinessProbe"))),
    ("readiness", ERROR, "always yes", put("triton", "readinessProbe", http("/v2/health/live"))),
    ("readiness", WARNING, "waits 1 s", put("gateway", "readinessProbe", http("/readyz"))),
    ("startup", ERROR, "10 s to start", put("triton", "startupProbe", http("/", periodSeconds=5, failureThreshold=2))),
    ("probe-port", ERROR, "'web'", put("gateway", "livenessProbe", {"httpGet": {"path": "/livez", "port": "web"}})),
    ("grace-period", ERROR, "killed after 20 s",
     pod("gateway", lambda raw: raw.update(terminationGracePeriodSeconds=20))),
    ("grace-period", ERROR, "exit timeout 30", pod("triton", lambda raw: raw.pop("terminationGracePeriodSeconds"))),
    ("drain", ERROR, "balancers", setting("SCORING_DRAIN_DELAY", None)),
    ("drain", ERROR, "UNAVAILABLE", container("triton", lambda raw: raw.pop("lifecycle"))),
    ("last-requests", WARNING, "cut off", setting("SCORING_GRACE", "1")),
    ("last-requests", WARNING, "exit-timeout-secs", flag("--exit-timeout-secs=30", "--exit-timeout-secs=2")),
    ("image-tag", WARNING, "no tag", put("gateway", "image", "registry.example:5000/scoring-gateway")),
    ("image-tag", WARNING, "latest", put("triton", "image", "nvcr.io/nvidia/tritonserver:latest")),
    ("security-context", WARNING, "more rights", put("triton", "securityContext", {})),
    ("security-context", ERROR, "privileged", put("triton", "securityContext", {"privileged": True})),
    ("shared-memory", WARNING, "enlarged", pod("triton", shared_memory)),
    ("service-links", ERROR, "SCORING_PORT", pod("gateway", lambda raw: raw.pop("enableServiceLinks"))),
    ("service-selector", ERROR, "no pod", spec("Service", "scoring", selector={"app": "gate"})),
    ("service-ports", WARNING, "no name", spec("Service", "scoring", ports=[{"port": 80, "targetPort": "http"}])),
    ("service-ports", WARNING, "plain TCP", spec("Service", "scoring", ports=[{**PORT, "name": "api-grpc"}])),
    ("service-ports", ERROR, "'rpc'", spec("Service", "triton", ports=[{**PORT, "targetPort": "rpc"}])),
    ("balancing", ERROR, "one Triton", balanced_service),
    ("triton-address", ERROR, "own pod", setting("SCORING_TRITON_URL", None)),
    ("scaler-conflict", ERROR, "HorizontalPodAutoscaler/rival", lambda documents: documents.append(RIVAL)),
    ("scaler-target", ERROR, "no Deployment/x", spec("ScaledObject", "triton", scaleTargetRef={"name": "x"})),
    ("scaler-target", ERROR, "above", spec("HorizontalPodAutoscaler", "gateway", minReplicas=9)),
    ("scaler-division", ERROR, "may be 0", query("sum(rate(queue_us[1m])) / sum(rate(compute_us[1m]))")),
    ("replicas", WARNING, "replicas: 3", spec("Deployment", "triton", replicas=3)),
    ("disruption", ERROR, "no eviction", spec("PodDisruptionBudget", "triton", maxUnavailable=0)),
    ("disruption", ERROR, "2 pods", spec("PodDisruptionBudget", "triton", maxUnavailable=None, minAvailable="75%")),
    ("disruption", ERROR, "no pod", spec("PodDisruptionBudget", "triton", selector={"matchLabels": {"app": "t"}})),
    ("rollout", WARNING, "25%", spec("Deployment", "gateway", strategy={})),
    ("rollout", ERROR, "Recreate", spec("Deployment", "triton", strategy={"type": "Recreate"})),
]  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A healthy repository that no test of this module changes."""
    return write_repository(tmp_path_factory.mktemp("healthy"))


@pytest.mark.parametrize(
    ("check", "severity", "word", "plant"), PLANTED, ids=lambda each: each if isinstance(each, str) else ""
)
def test_planted_fault_is_found(
    repository: Path, tmp_path: Path, check: str, severity: Severity, word: str, plant: Plant
) -> None:
    """The check of the fault reports it, and says what it has seen and what to do."""
    documents = manifests()
    plant(documents)
    found = diagnose(repository, save_manifests(documents, tmp_path / "rendered.yaml"), only=check).findings
    assert any(each.severity is severity and word in each.problem and each.advice for each in found), found


@pytest.mark.parametrize(
    "sound",
    [
        "sum(pending) / 8",
        "sum(rate(a[1m])) / (sum(rate(b[1m])) > 0)",
        'sum(pending{path="a/b"})',
        "max(a) / clamp_min(sum(b), 1)",
    ],
)
def test_division_that_cannot_fail_is_none(repository: Path, tmp_path: Path, sound: str) -> None:
    """Constants, guards and slashes in labels are all right."""
    documents = manifests()
    query(sound)(documents)
    path = save_manifests(documents, tmp_path / "rendered.yaml")
    assert diagnose(repository, path, only="scaler-division").findings == []


def test_memory_is_compared_with_the_models(tmp_path: Path) -> None:
    """A limit below the files' size cannot work, one just above it is a risk."""
    repository = write_repository(tmp_path)
    with (repository / "resnet152/1/model.onnx").open("ab") as file:
        file.truncate(30 << 20)
    for limit, severity in (("20Mi", ERROR), ("550Mi", WARNING)):
        documents = manifests()
        limits("triton", cpu="5", memory=limit)(documents)
        path = save_manifests(documents, tmp_path / "rendered.yaml")
        assert [each.severity for each in diagnose(repository, path, only="memory").findings] == [severity]


def test_python_backend_needs_shared_memory(tmp_path: Path) -> None:
    """Of 64 MB, larger batches find no room."""
    repository = write_repository(tmp_path)
    replace("faq_matcher/config.pbtxt", '"onnxruntime"', '"python"')(repository)
    path = save_manifests(manifests(), tmp_path / "rendered.yaml")
    assert [each.severity for each in diagnose(repository, path, only="shared-memory").findings] == [ERROR]


def test_several_gpu_instances_are_found_once(tmp_path: Path) -> None:
    """Only the config that is chosen is looked at."""
    repository = write_repository(tmp_path)
    replace(GPU, "count: 1", "count: 2")(repository)
    assert diagnose(repository, config_name="cpu").findings == []
    assert len(diagnose(repository, config_name="gpu").findings) == 1


def test_every_check_of_manifests_has_a_planted_fault() -> None:
    """A new check needs one, too."""
    modules = (
        manifest_files, gateway_pods, triton_pods, resources, probes, shutdown, pods, services, scaling,
    )  # fmt: skip
    known = {check.id for module in modules for check in module.CHECKS}
    assert known - {check for check, *_ in PLANTED} == {"memory"}
