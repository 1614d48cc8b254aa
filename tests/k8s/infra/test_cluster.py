"""The manifests for the cluster itself, which who administers it applies once."""

import pytest
from kubernetes_validate import validate

from tests.k8s.infra.bicep import INFRA
from tests.k8s.infra.test_agreement import modules
from tests.k8s.manifests.rendering import find, needs_kubectl, pod_spec, render

pytestmark = needs_kubectl


@pytest.mark.parametrize("release", ["1.33", "1.34", "1.35", "1.36"])
def test_manifests_are_valid(release: str) -> None:
    """Kubernetes knows every field of them."""
    for each in render(INFRA / "cluster"):
        validate(each, release, strict=True)


def test_device_plugin_runs_where_gpus_are() -> None:
    """The plugin selects the label of the GPU pool and tolerates its taint, so that no GPU stays unseen."""
    plugin = pod_spec(find(render(INFRA / "cluster"), "DaemonSet", "nvidia-device-plugin"))
    pool = modules("node-pool.bicep")["gpuPool"]
    assert plugin["nodeSelector"] == {"realtime-scoring/pool": pool["label"]}
    (toleration,) = plugin["tolerations"]
    assert pool["taints"] == [f"{toleration['key']}={toleration['value']}:{toleration['effect']}"]


def test_gpus_outlive_the_static_cpu_manager() -> None:
    """Where the kubelet gives out cores, the plugin tells it of devices: it takes those away that it does not know."""
    assert "cpuManagerPolicy: 'static'" in (INFRA / "modules/node-pool.bicep").read_text()
    (container,) = pod_spec(find(render(INFRA / "cluster"), "DaemonSet", "nvidia-device-plugin"))["containers"]
    assert {"name": "PASS_DEVICE_SPECS", "value": "true"} in container["env"]
    assert container["securityContext"]["privileged"]
