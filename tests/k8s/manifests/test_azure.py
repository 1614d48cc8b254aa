"""azure.env, releases.env and groups.env are all that a deployment of one's own has to change."""

import re
from pathlib import Path

import pytest

from tests.k8s.manifests.rendering import AKS, K8S, copy_of_k8s, find, needs_kubectl, render, rendered, texts

pytestmark = needs_kubectl

# Values that no example has, each recognisable in what is rendered.
OWN = {
    "components/azure/azure.env": {
        "ACR_LOGIN_SERVER": "acrown.azurecr.io",
        "TENANT_ID": "7e000000-1111-2222-3333-444444444444",
        "GATEWAY_CLIENT_ID": "9a000000-1111-2222-3333-444444444444",
        "TRITON_CLIENT_ID": "70000000-1111-2222-3333-444444444444",
        "CONVERTER_CLIENT_ID": "c0000000-1111-2222-3333-444444444444",
        "KEDA_CLIENT_ID": "eda00000-1111-2222-3333-444444444444",
        "PUBLIC_CLIENT_ID": "1b000000-1111-2222-3333-444444444444",
        "KEY_VAULT_NAME": "kv-own",
        "STORAGE_ACCOUNT": "stown",
        "PROMETHEUS_ENDPOINT": "https://own.westeurope.prometheus.monitor.azure.com",
        "HOSTNAME": "answers.own.net",
        "CERTIFICATE_URI": "https://kv-own-tls.vault.azure.net/certificates/answers",
    },
    "components/models-azure/releases.env": {"TRITON_CPU": "c1c1c1c1c1c1c1c1", "TRITON_GPU": "9191919191919191"},
    "components/access/groups.env": {
        "VIEWERS": "ee000000-1111-2222-3333-444444444444",
        "OPERATORS": "0c000000-1111-2222-3333-444444444444",
    },
}
UNUSED: dict[str, set[str]] = {  # of all values, by the overlays that have no place for them
    "aks": set(),
    "aks-cpu": {"TRITON_GPU"},
    "aks-gpu": set(),
}
EXAMPLES = re.compile(r"example|localhost|0000-000000000|0{16}|[A-Z]{3,}_[A-Z_]+")


@pytest.fixture(scope="module", params=AKS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """The name of an overlay, and the texts in what it renders to with one's own values."""
    folder = copy_of_k8s(tmp_path_factory.mktemp("filled"))
    for name, values in OWN.items():
        _fill_in(folder / name, values)
    return request.param, list(texts(render(folder / "overlays" / request.param)))


def _fill_in(file: Path, values: dict[str, str]) -> None:
    keys = re.findall(r"^([A-Z_]+)=", file.read_text(), re.MULTILINE)
    assert keys == list(values), f"{file.name} has other keys"
    file.write_text("".join(f"{key}={value}\n" for key, value in values.items()))


def test_no_example_value_is_left(filled: tuple[str, list[str]]) -> None:
    """Every placeholder has been replaced, in whatever object it stood."""
    _, found = filled
    assert left_over(found) == []


def left_over(found: list[str]) -> list[str]:
    """Return the texts that hold a placeholder."""
    return [text for text in found if EXAMPLES.search(text) and not _is_a_variable_of_ours(text)]


def _is_a_variable_of_ours(text: str) -> bool:
    """Tell whether all words in capitals are names of variables, such as SCORING_GRACE or $(STORAGE_ACCOUNT)."""
    words = EXAMPLES.findall(text)
    return all(word.startswith(("SCORING_", "MODELS_", "MODEL_CONFIG_", "POD_", "STORAGE_")) for word in words)


def test_every_value_arrives(filled: tuple[str, list[str]]) -> None:
    """No key of the three files is asked for in vain."""
    overlay, found = filled
    everything = "\n".join(found)
    values = {key: value for each in OWN.values() for key, value in each.items()}
    assert {key for key, value in values.items() if value not in everything} == UNUSED[overlay]


def test_values_arrive_whole(filled: tuple[str, list[str]]) -> None:
    """Where a value is a part of a text, the rest is as it should be: image names, addresses, the second host name."""
    _, found = filled
    wanted = {
        "acrown.azurecr.io/scoring-gateway:0.1.0",
        "acrown.azurecr.io/scoring-models:0.1.0",
        "acrown.azurecr.io/scoring-triton-cpu:0.1.0",
        "answers.own.net",
        "grpc.answers.own.net",
    }
    assert wanted <= set(found)
    assert not [text for text in found if "acrown" in text and text.count("acrown") != 1]


@pytest.mark.parametrize("forgotten", ["replace-hostname.yaml", "replace-registry.yaml"])
def test_a_forgotten_replacement_is_seen(forgotten: str, tmp_path: Path) -> None:
    """Without a file of replacements, placeholders stay."""
    folder = copy_of_k8s(tmp_path)
    for name, values in OWN.items():
        _fill_in(folder / name, values)
    (folder / "components/azure" / forgotten).write_text("[]\n")
    objects = render(folder / "overlays/aks")
    assert left_over(list(texts(objects))) or not any("acrown" in each for each in texts(objects))


def test_the_guide_writes_the_same_keys() -> None:
    """The commands of k8s/infra/README.md that fill in releases.env and groups.env name all their keys."""
    guide = (K8S / "infra/README.md").read_text(encoding="utf-8")
    for name in ("components/models-azure/releases.env", "components/access/groups.env"):
        commands = re.findall(rf"printf '([^']+)'.*> k8s/{name}", guide)
        assert commands
        for written in commands:
            assert re.findall(r"([A-Z_]+)=", written) == list(OWN[name])


@pytest.mark.parametrize("overlay", AKS)
def test_the_certificate_is_named_by_azure_alone(overlay: str) -> None:
    """A field that two write is a conflict at every apply but the first."""
    listeners = {each["name"]: each for each in find(rendered(overlay), "Gateway", "public")["spec"]["listeners"]}
    assert listeners["https"]["tls"].keys() == {"mode", "options"}
