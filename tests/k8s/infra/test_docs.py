"""README.md and roles.md of k8s/infra say what the Bicep files do."""

import re

from tests.k8s.infra.bicep import INFRA, ROOT, files

README = (INFRA / "README.md").read_text("utf-8")
ROLES = (INFRA / "roles.md").read_text("utf-8")
# As main.bicep calls Azure's roles, and as Azure does.
NAMES = {
    "acrPull": "AcrPull",
    "acrPush": "AcrPush",
    "blobDataContributor": "Storage Blob Data Contributor",
    "blobDataReader": "Storage Blob Data Reader",
    "certificatesOfficer": "Key Vault Certificates Officer",
    "clusterUser": "Azure Kubernetes Service Cluster User Role",
    "grafanaAdmin": "Grafana Admin",
    "grafanaEditor": "Grafana Editor",
    "grafanaViewer": "Grafana Viewer",
    "kubernetesClusterAdmin": "Azure Kubernetes Service RBAC Cluster Admin",
    "kubernetesReader": "Azure Kubernetes Service RBAC Reader",
    "kubernetesWriter": "Azure Kubernetes Service RBAC Writer",
    "logAnalyticsReader": "Log Analytics Reader",
    "managedIdentityOperator": "Managed Identity Operator",
    "monitoringDataReader": "Monitoring Data Reader",
    "networkContributor": "Network Contributor",
    "secretsOfficer": "Key Vault Secrets Officer",
    "secretsUser": "Key Vault Secrets User",
}


def test_readme_has_every_parameter() -> None:
    """The table of parameters names those of main.bicep, and no others."""
    table = README.partition("## Parameters")[2].partition("\n## ")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}
    assert named == set(files()["main.bicep"]["parameters"])


def test_parameter_file_sets_what_exists() -> None:
    """The parameter file sets parameters of main.bicep, among them all without a default."""
    text = (INFRA / "main.bicepparam").read_text("utf-8")
    parameters = files()["main.bicep"]["parameters"]
    required = {name for name, each in parameters.items() if each["default"] is None}
    assert required <= set(re.findall(r"^param (\w+)", text, re.M)) <= parameters.keys()


def test_commands_name_files_that_exist() -> None:
    """Each path below k8s that the README's commands use is there."""
    paths = set(re.findall(r"(?<![\w./])k8s/[\w./-]+\b", README))
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_roles_are_distinct_and_used() -> None:
    """Each role has an id of its own, is assigned somewhere, and stands in roles.md under Azure's name."""
    roles = files()["main.bicep"]["variables"]["roles"]["value"]
    text = "".join(path.read_text("utf-8") for path in INFRA.rglob("*.bicep"))
    assert len(set(roles.values())) == len(roles)
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each) for each in roles.values())
    assert set(re.findall(r"\broles\.(\w+)", text)) == set(roles) == set(NAMES)
    assert [name for name in NAMES.values() if name not in ROLES] == []
