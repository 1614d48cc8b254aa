"""Components that no overlay uses render on top of one, and do what they say."""

from pathlib import Path

import pytest

from converters.image.network import HOSTS
from doctor.manifests.resource import Resource
from k8s.render.kubernetes import faults, release
from tests.k8s.manifests.network import Pod, allowed, pods_of
from tests.k8s.manifests.rendering import (
    K8S,
    Objects,
    container,
    copy_of_k8s,
    find,
    needs_kubectl,
    of,
    render,
    rendered,
    settings,
)

pytestmark = needs_kubectl


def with_components(folder: Path, overlay: str, *components: str) -> Objects:
    """Render an overlay with some components more."""
    overlays = copy_of_k8s(folder) / "overlays"
    (overlays / "more").mkdir()
    listed = "".join(f"  - ../../components/{each}\n" for each in components)
    (overlays / "more/kustomization.yaml").write_text(f"resources:\n  - ../{overlay}\ncomponents:\n{listed}")
    return render(overlays / "more")


@pytest.fixture(scope="module")
def on_one_machine(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    """The overlay local with what needs no Azure."""
    more = ("gateway-api", "tls-cert-manager", "otlp", "monitoring/operator", "dashboards", "converter", "access")
    return with_components(tmp_path_factory.mktemp("more"), "local", *more)


@pytest.fixture(scope="module")
def in_azure(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    """The overlay aks-gpu with what wants a GPU or Azure."""
    return with_components(tmp_path_factory.mktemp("more"), "aks-gpu", "tensorrt", "entra-tokens")


def test_certificates_may_come_from_an_authority(on_one_machine: Objects) -> None:
    """With cert-manager, the Gateway takes the certificate's Secret, and the authority's question gets through."""
    objects = on_one_machine
    gateway = find(objects, "Gateway", "public")["spec"]
    listeners = {each["name"]: each for each in gateway["listeners"]}
    wanted = find(objects, "Certificate", "public")["spec"]["secretName"]
    assert listeners["https"]["tls"]["certificateRefs"][0]["name"] == wanted
    solver = find(objects, "Issuer", "acme")["spec"]["acme"]["solvers"][0]["http01"]["gatewayHTTPRoute"]
    assert solver["parentRefs"][0]["sectionName"] in listeners
    (admitted,) = listeners["http"]["allowedRoutes"]["namespaces"]["selector"]["matchExpressions"]
    assert set(admitted["values"]) == {
        each["metadata"]["namespace"] for each in (*of(objects, "Issuer"), *of(objects, "HTTPRoute"))
    }
    edge = Pod("scoring-edge", {"gateway.networking.k8s.io/gateway-name": "public"})
    answerer = Pod("scoring-edge", {"acme.cert-manager.io/http01-solver": "true"})
    assert allowed(objects, edge, answerer, 8089)


def test_traces_reach_a_collector(on_one_machine: Objects) -> None:
    """The gateway is told where it is, and let out to it."""
    assert settings(on_one_machine)["SCORING_OTLP_ENDPOINT"] == "http://collector.observability:4318"
    gateway = pods_of(find(on_one_machine, "Deployment", "gateway"))
    assert allowed(on_one_machine, gateway, Pod("observability"), 4318)


def test_tokens_of_entra_are_those_of_the_tenant(in_azure: Objects) -> None:
    """The issuer holds the tenant of azure.env."""
    tenant = find(in_azure, "SecretProviderClass", "scoring-keys")["spec"]["parameters"]["tenantId"]
    assert settings(in_azure)["SCORING_OIDC_ISSUER"] == f"https://login.microsoftonline.com/{tenant}/v2.0"


def test_tensorrt_has_room_and_time_for_its_engines(in_azure: Objects) -> None:
    """Its config is taken, its cache can be written, and nobody kills it while it builds."""
    triton = container(find(in_azure, "Deployment", "triton-gpu"), "triton")
    assert {"name": "MODEL_CONFIG_NAME", "value": "gpu-tensorrt"} in triton["env"]
    config = (K8S.parent / "model_repository/resnet152/configs/gpu-tensorrt.pbtxt").read_text()
    (cache,) = [each["mountPath"] for each in triton["volumeMounts"] if each["name"] == "engines"]
    assert f'"{cache}/' in config
    assert triton["startupProbe"]["periodSeconds"] * triton["startupProbe"]["failureThreshold"] >= 900


@pytest.mark.parametrize("overlay", ["on_one_machine", "in_azure"])
def test_optional_parts_fit_the_schemas(overlay: str, request: pytest.FixtureRequest) -> None:
    """What no overlay uses is as valid as what one does, for the oldest and the newest release of Kubernetes."""
    objects = [Resource("", each) for each in request.getfixturevalue(overlay)]
    own = [each for each in objects if release("1.36").knows(each)]
    assert list(faults(own, ["1.33", "1.36"])) == []


def test_a_changed_setting_rolls_out(tmp_path: Path) -> None:
    """Another value is another ConfigMap, which the Deployment names: pods are made anew."""
    folder = copy_of_k8s(tmp_path)
    file = folder / "base/gateway/settings.env"
    file.write_text(file.read_text().replace("SCORING_DRAIN_DELAY=15", "SCORING_DRAIN_DELAY=20"))
    changed = render(folder / "overlays/local")
    assert settings(changed)["SCORING_DRAIN_DELAY"] == "20"
    assert {each["metadata"]["name"] for each in of(changed, "ConfigMap")} != {
        each["metadata"]["name"] for each in of(rendered("local"), "ConfigMap")
    }


def test_egress_may_be_bound_to_names(tmp_path: Path) -> None:
    """The policy that names addresses goes, and one that names the storage account comes."""
    overlays = copy_of_k8s(tmp_path) / "overlays"
    file = overlays / "aks/kustomization.yaml"
    before = "  - ../../components/converter\n"
    file.write_text(file.read_text().replace(before, f"  - ../../components/egress-by-name\n{before}"))
    objects = render(overlays / "aks")
    assert "models" not in {each["metadata"]["name"] for each in of(objects, "NetworkPolicy")}
    (_, internet) = find(objects, "CiliumNetworkPolicy", "models")["spec"]["egress"]
    assert [each["matchName"] for each in internet["toFQDNs"]] == [
        "stexample.blob.core.windows.net",
        "login.microsoftonline.com",
    ]
    (weights,) = find(objects, "CiliumNetworkPolicy", "converter")["spec"]["egress"]
    assert [each["matchName"] for each in weights["toFQDNs"]] == [HOSTS["torch"]]
