"""Azure and the manifests speak of the same things: names, pools, service accounts, addresses."""

import re

import pytest
import yaml

from tests.k8s.infra.bicep import ROOT, Tree, files
from tests.k8s.manifests.rendering import AKS, Objects, needs_kubectl, of, pod_spec, rendered, workloads

pytestmark = needs_kubectl

AZURE_ENV = ROOT / "k8s/components/azure/azure.env"
RULE = {"alert", "record", "expression", "enabled", "for", "severity", "labels", "annotations"}  # as Azure calls them
CORES = {"cpu": 8, "gpu": 4}  # of Standard_D8s_v6 and Standard_NC4as_T4_v3


def everything() -> Objects:
    """Return the objects of all overlays for AKS."""
    return [each for overlay in AKS for each in rendered(overlay)]


def variable(name: str) -> str:
    """Return a text that main.bicep names."""
    found = files()["main.bicep"]["variables"][name]["value"]
    assert isinstance(found, str)
    return found


def modules(file: str) -> dict[str, Tree]:
    """Return the uses of a module by main.bicep, and what each passes."""
    found = files()["main.bicep"]["modules"].items()
    return {name: each["config"]["params"] for name, each in found if each["detail"]["path"] == f"./modules/{file}"}


def test_outputs_are_what_overlays_read() -> None:
    """The outputs of the deployment are the keys of azure.env, no more and no less."""
    lines = AZURE_ENV.read_text("utf-8").splitlines()
    keys = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(files()["main.bicep"]["outputs"]) == sorted(keys)


def test_service_accounts_have_identities() -> None:
    """Each service account that names an identity of Azure has a federated credential for its namespace and name."""
    credentials = set()
    for each in modules("workload-identity.bicep").values():
        namespace = each["namespace"]
        known = files()["main.bicep"]["variables"]
        credentials.add((variable(namespace) if namespace in known else namespace, each["serviceAccount"]))
    accounts = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in of(everything(), "ServiceAccount")
        if "azure.workload.identity/client-id" in each["metadata"].get("annotations", {})
    }
    assert accounts <= credentials
    assert credentials - accounts <= {("scoring", "converter"), ("kube-system", "keda-operator")}


def test_namespaces_are_those_of_the_manifests() -> None:
    """Roles and identities are for the namespaces that the overlays make."""
    made = {each["metadata"]["name"] for each in of(everything(), "Namespace")}
    assert {variable("namespace"), variable("edgeNamespace")} == made


def test_pods_find_their_pools() -> None:
    """Label and taints of each pool are those that its pods select and tolerate, and no pool is without pods."""
    pools = {each["label"]: each["taints"] for each in modules("node-pool.bicep").values()}
    wanted = set()
    for workload in workloads(everything()):
        spec = pod_spec(workload)
        tolerated = [f"{each['key']}={each['value']}:{each['effect']}" for each in spec.get("tolerations", [])]
        assert pools[_pool(spec)] == tolerated, workload["metadata"]["name"]
        wanted.add(_pool(spec))
    assert wanted == pools.keys() == CORES.keys()


@pytest.mark.parametrize("overlay", AKS)
def test_pods_fit_their_nodes(overlay: str) -> None:
    """A pod asks for at most a core less than its node has, but for a sidecar's share: AKS' agents need most of one."""
    for workload in workloads(rendered(overlay)):
        spec = pod_spec(workload)
        assert _requested(spec) <= CORES[_pool(spec)] - 0.9, workload["metadata"]["name"]


def _pool(spec: Tree) -> str:
    """The pool that a pod selects; the CPU pool is the only one that takes those that select none."""
    return str(spec.get("nodeSelector", {}).get("realtime-scoring/pool", "cpu"))


def _requested(spec: Tree) -> float:
    first = spec.get("initContainers", [])
    beside = [each for each in first if each.get("restartPolicy") == "Always"]
    together = sum(_cores(each) for each in [*spec["containers"], *beside])
    return max([together, *(_cores(each) for each in first)])


def _cores(container: Tree) -> float:
    quantity = str(container["resources"]["requests"]["cpu"])
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def test_pods_may_reach_private_endpoints() -> None:
    """The NetworkPolicy for models names the subnet of private endpoints."""
    subnet = files()["modules/network.bicep"]["variables"]["endpointsCidr"]["value"]
    blocks = re.findall(r"cidr: (\S+)", yaml.safe_dump(of(everything(), "NetworkPolicy")))
    assert subnet in blocks


def test_rules_are_what_azure_takes() -> None:
    """Each group has what the Bicep module reads; a group has at most 20 rules, evaluated every 1 to 15 minutes."""
    groups = yaml.safe_load((ROOT / "k8s/monitoring/azure-rule-groups.json").read_text("utf-8"))
    for group in groups:
        assert group.keys() == {"name", "description", "interval", "rules"}
        assert 0 < len(group["rules"]) <= 20, group["name"]
        assert re.fullmatch(r"PT([1-9]|1[0-5])M", group["interval"]), group["name"]
        assert all(("alert" in rule) != ("record" in rule) for rule in group["rules"])
        assert {key for rule in group["rules"] for key in rule} <= RULE, group["name"]
