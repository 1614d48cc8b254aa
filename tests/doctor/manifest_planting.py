"""Faults to plant in healthy manifests: each changes the list of objects."""

from collections.abc import Callable
from typing import Any

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


def flag(old: str, new: str = "", name: str = "triton") -> Plant:
    """Replace a flag of Triton's that is there, or add one."""

    def change(raw: Any) -> None:
        assert not old or old in raw["args"]
        raw["args"] = [*(each for each in raw["args"] if each != old), *([new] if new else [])]

    return container(name, change)


def initial(name: str, **values: Any) -> Plant:
    """Change the container that brings a Deployment's models."""
    return pod(name, lambda raw: raw["initContainers"][0].update(values))


def variable(name: str, key: str, value: str) -> Plant:
    """Change a variable of that container."""

    def change(raw: Any) -> None:
        (found,) = [each for each in raw["initContainers"][0]["env"] if each["name"] == key]
        found["value"] = value

    return pod(name, change)


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


def without(*objects: tuple[str, str]) -> Plant:
    """Take objects away."""

    def change(documents: Documents) -> None:
        for kind, name in objects:
            documents.remove(named(documents, kind, name))

    return change


def added(found: dict[str, Any]) -> Plant:
    """Add an object."""
    return lambda documents: documents.append(found)


def renamed(kind: str, old: str, new: str) -> Plant:
    """Give an object another name."""
    return lambda documents: named(documents, kind, old)["metadata"].update(name=new)


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


def metrics_led_to(by: dict[str, Any]) -> Plant:
    """Lead a route to the metrics."""

    def change(documents: Documents) -> None:
        named(documents, "Service", "scoring")["spec"]["ports"] = METRICS
        documents.append(by)

    return change


def balanced_service(documents: Documents) -> None:
    """Give Triton's Service an address of its own."""
    named(documents, "Service", "triton")["spec"].pop("clusterIP")


def route(backend: str = "scoring", port: int = 80, section: str = "https", parent: str = "public") -> dict[str, Any]:
    """A route to a Service."""
    spec = {
        "parentRefs": [{"name": parent, "sectionName": section}],
        "rules": [{"backendRefs": [{"name": backend, "port": port}]}],
    }
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "new"},
        "spec": spec,
    }


def ingress(backend: str, **port: Any) -> dict[str, Any]:
    """An Ingress for a Service."""
    goal = {"service": {"name": backend, "port": port}}
    spec = {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": goal}]}}]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "new"}, "spec": spec}


RIVAL = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "rival"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "triton"}, "minReplicas": 2, "maxReplicas": 9},
}
BUDGET = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "second"},
    "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "triton"}}},
}
PORT = {"name": "grpc", "port": 8001}
METRICS = [{"name": "metrics", "port": 9090, "targetPort": "metrics"}]
OTHERS = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "other"}}}
HTTPS = {"name": "https", "protocol": "HTTPS"}
MOUNT = {"name": "model", "mountPath": "/models"}
GPU_TAINT = {"key": "sku", "operator": "Exists"}
LOAD_IMAGES = "--load-model=resnet152"
POOL = "realtime-scoring/pool"
CLOSED_HTTP = "--http-restricted-api=shared-memory,model-repository,trace,logging:key=secret"
SUBPATH = {"mountPath": "/etc/scoring/keys.json", "subPath": "keys.json"}
