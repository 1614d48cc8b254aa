"""Faults planted in rendered manifests are found, each by its check, with words that lead to it."""

from pathlib import Path

import pytest

from doctor.finding import Severity
from doctor.register import MANIFEST_CHECKS
from tests.doctor.healthy import diagnose, manifests, save_manifests, write_repository
from tests.doctor.manifest_planting import (
    BUDGET,
    CLOSED_HTTP,
    GPU_TAINT,
    HTTPS,
    LOAD_IMAGES,
    METRICS,
    MOUNT,
    OTHERS,
    POOL,
    PORT,
    RIVAL,
    SUBPATH,
    Plant,
    added,
    balanced_service,
    container,
    flag,
    http,
    ingress,
    initial,
    limits,
    metrics_led_to,
    named,
    pod,
    put,
    query,
    renamed,
    route,
    setting,
    shared_memory,
    spec,
    variable,
    without,
)
from tests.doctor.planting import GPU, replace

ERROR, WARNING = Severity.ERROR, Severity.WARNING
PLANTED: list[tuple[str, Severity, str, Plant]] = [
    ("manifest-readable", ERROR, "without kind", lambda documents: documents.append({"spec": 1})),
    ("manifest-roles", WARNING, "Triton", without(("Deployment", "triton"), ("Deployment", "triton-gpu"))),
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
    ("triton-flags", WARNING, "every client", flag(CLOSED_HTTP, name="triton-gpu")),
    ("triton-flags", WARNING, "guesses", flag("--disable-auto-complete-config")),
    ("triton-flags", WARNING, "goes on", flag("", "--exit-on-error=false")),
    ("connection-age", WARNING, "grace", flag("", "--grpc-max-connection-age=300000")),
    ("keepalive", ERROR, "too_many_pings", flag("", "--grpc-http2-max-ping-strikes=1")),
    ("network-policy", ERROR, "knows no clients",
     without(("NetworkPolicy", "triton"), ("NetworkPolicy", "default-deny"))),
    ("network-policy", ERROR, "everybody", spec("NetworkPolicy", "triton", ingress=[{}])),
    ("triton-exposed", ERROR, "LoadBalancer", spec("Service", "triton", type="LoadBalancer")),
    ("triton-exposed", ERROR, "Service triton", added(route(backend="triton"))),
    ("triton-exposed", ERROR, "Service triton", added(ingress("triton", number=8001))),
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
    ("scaler-conflict", ERROR, "HorizontalPodAutoscaler/rival", added(RIVAL)),
    ("scaler-target", ERROR, "no Deployment/x", spec("ScaledObject", "triton", scaleTargetRef={"name": "x"})),
    ("scaler-target", ERROR, "above", spec("HorizontalPodAutoscaler", "gateway", minReplicas=9)),
    ("scaler-division", ERROR, "may be 0", query("sum(rate(queue_us[1m])) / sum(rate(compute_us[1m]))")),
    ("replicas", WARNING, "replicas: 3", spec("Deployment", "triton", replicas=3)),
    ("disruption", ERROR, "no eviction", spec("PodDisruptionBudget", "triton", maxUnavailable=0)),
    ("disruption", ERROR, "2 pods", spec("PodDisruptionBudget", "triton", maxUnavailable=None, minAvailable="75%")),
    ("disruption", ERROR, "no pod", spec("PodDisruptionBudget", "triton", selector={"matchLabels": {"app": "t"}})),
    ("scaler-from-zero", ERROR, "no pod ever", spec("ScaledObject", "triton", minReplicaCount=0)),
    ("budget", WARNING, "no PodDisruptionBudget", without(("PodDisruptionBudget", "gateway"))),
    ("budget", ERROR, "PodDisruptionBudget/second", added(BUDGET)),
    ("guaranteed", WARNING, "models", initial("triton", resources={"requests": {"cpu": "1"}})),
    ("readiness", WARNING, "under load", put("triton", "readinessProbe", http("/v2/health/ready", failureThreshold=1))),
    ("triton-flags", ERROR, "no model", flag(LOAD_IMAGES, name="triton-gpu")),
    ("triton-flags", ERROR, "--load-model=resnet15:", flag(LOAD_IMAGES, "--load-model=resnet15", "triton-gpu")),
    ("triton-apis", WARNING, "model-repository", flag(CLOSED_HTTP)),
    ("triton-apis", ERROR, "inference", flag("", "--grpc-restricted-protocol=inference:key=x")),
    ("triton-apis", ERROR, "'models'", flag("", "--http-restricted-api=models:key=x")),
    ("triton-address", ERROR, "no Service triton-gpus", setting("SCORING_IMAGE_TRITON_URL", "dns:///triton-gpus:8001")),
    ("triton-address", ERROR, "no Triton", setting("SCORING_IMAGE_TRITON_FALLBACK_URL", "dns:///scoring:80")),
    ("triton-address", ERROR, "port 8005", setting("SCORING_TRITON_URL", "dns:///triton:8005")),
    ("triton-models", ERROR, "asked for faq_matcher", setting("SCORING_TRITON_URL", "dns:///triton-gpu:8001")),
    ("triton-models", ERROR, "asked for resnet152", flag(LOAD_IMAGES, "--load-model=faq_matcher", "triton-gpu")),
    ("pool-mix", WARNING, "other engines", spec("Service", "triton", selector={"azure.workload.identity/use": "true"})),
    ("balancing", ERROR, "one Triton", setting("SCORING_IMAGE_TRITON_URL", "triton-gpu:8001")),
    ("network-path", ERROR, "this egress", spec("NetworkPolicy", "gateway", egress=[])),
    ("network-path", ERROR, "this ingress", spec("NetworkPolicy", "triton", podSelector={"app": "triton"})),
    ("network-path", ERROR, "port 8001", spec("NetworkPolicy", "triton", ingress=[{"ports": [{"port": "metrics"}]}])),
    ("default-deny", WARNING, "egress", spec("NetworkPolicy", "default-deny", policyTypes=["Ingress"])),
    ("route-parent", ERROR, "no Gateway publik", added(route(parent="publik"))),
    ("route-parent", ERROR, "'tls'", added(route(section="tls"))),
    ("route-backend", ERROR, "no Service gate", added(route(backend="gate"))),
    ("route-backend", ERROR, "no port 8080", added(route(port=8080))),
    ("https-only", ERROR, "plain listener", added(route(section="http"))),
    ("https-only", ERROR, "plain listener", added(route(section=""))),
    ("https-redirect", ERROR, "'http'", without(("HTTPRoute", "redirect"))),
    ("tls-certificate", ERROR, "'https'", spec("Gateway", "public", listeners=[HTTPS])),
    ("metrics-port", ERROR, "9091", setting("SCORING_METRICS_PORT", "9091")),
    ("metrics-exposed", ERROR, "beyond the cluster", spec("Service", "scoring", type="LoadBalancer", ports=METRICS)),
    ("metrics-exposed", ERROR, "HTTPRoute/new", metrics_led_to(route(port=9090))),
    ("metrics-exposed", ERROR, "Ingress/new", metrics_led_to(ingress("scoring", number=9090))),
    ("metrics-exposed", ERROR, "Ingress/new", metrics_led_to(ingress("scoring", name="metrics"))),
    ("metrics-exposed", ERROR, "everybody", spec("NetworkPolicy", "gateway", ingress=[{"ports": [{"port": 9090}]}])),
    ("monitor-target", ERROR, "'metric'", spec("PodMonitor", "gateway", podMetricsEndpoints=[{"port": "metric"}])),
    ("monitor-target", ERROR, "no pod", spec("PodMonitor", "gateway", selector={"matchLabels": {"app": "gate"}})),
    ("model-volume", ERROR, "nothing fills", pod("triton", lambda raw: raw.pop("initContainers"))),
    ("model-volume", ERROR, "/srv/current", variable("triton", "MODELS_TARGET", "/srv")),
    ("model-volume", WARNING, "startupProbe", initial("gateway", startupProbe={})),
    ("model-release", ERROR, "'live'", variable("triton", "MODELS_RELEASE", "live")),
    ("model-release", WARNING, "never hears", variable("gateway", "MODELS_RELEASE", "0123456789abcdef")),
    ("references", ERROR, "no ServiceAccount tritons",
     pod("triton", lambda raw: raw.update(serviceAccountName="tritons"))),
    ("references", ERROR, "ConfigMap", renamed("ConfigMap", "gateway-settings", "gateway-settings-5d8f")),
    ("mounts", ERROR, "two volumes", initial("triton", volumeMounts=[dict(MOUNT), dict(MOUNT)])),
    ("volumes", ERROR, "'model'", initial("triton", volumeMounts=[MOUNT])),
    ("workload-identity", ERROR, "names none",
     lambda documents: named(documents, "ServiceAccount", "triton")["metadata"].pop("annotations")),
    ("workload-identity", ERROR, "does not get it",
     lambda documents: named(documents, "Deployment", "triton")["spec"]["template"]["metadata"].update(
         labels={"app": "triton"})),
    ("gpu-node", WARNING, "tolerates no taint", pod("triton-gpu", lambda raw: raw.pop("tolerations"))),
    ("gpu-node", WARNING, "may fill them", pod("triton", lambda raw: raw.update(tolerations=[GPU_TAINT]))),
    ("gpu-node", ERROR, "the pool cpu", pod("triton-gpu", lambda raw: raw["nodeSelector"].update({POOL: "cpu"}))),
    ("spread", WARNING, "nothing spreads", pod("gateway", lambda raw: raw.pop("topologySpreadConstraints"))),
    ("spread", ERROR, "other pods", pod("gateway", lambda raw: raw.update(topologySpreadConstraints=[OTHERS]))),
    ("spare-pod", WARNING, "one pod", spec("ScaledObject", "triton", minReplicaCount=1)),
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


def test_flags_may_be_apart_from_their_values(repository: Path, tmp_path: Path) -> None:
    """Triton takes `--load-model resnet152` as it takes `--load-model=resnet152`."""
    documents = manifests()

    def part(raw: dict[str, list[str]]) -> None:
        raw["args"] = [word for each in raw["args"] for word in each.split("=", 1)]

    container("triton-gpu", part)(documents)
    assert diagnose(repository, save_manifests(documents, tmp_path / "rendered.yaml")).findings == []


def test_pods_of_cron_jobs_are_found_in_their_template(repository: Path, tmp_path: Path) -> None:
    """Labels too: a job that asks for an identity gets it."""
    documents = manifests()
    labels = {"azure.workload.identity/use": "true"}
    template = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": "triton", "containers": []}}
    job = {"jobTemplate": {"spec": {"template": template}}}
    documents.append({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": job})
    path = save_manifests(documents, tmp_path / "rendered.yaml")
    assert diagnose(repository, path, only="workload-identity").findings == []
    labels.clear()
    path = save_manifests(documents, tmp_path / "rendered.yaml")
    assert [each.where for each in diagnose(repository, path, only="workload-identity").findings] == ["CronJob/nightly"]


def test_every_check_of_manifests_has_a_planted_fault() -> None:
    """A new check needs one, too."""
    known = {check.id for check in MANIFEST_CHECKS}
    assert known - {check for check, *_ in PLANTED} == {"memory"}
