"""Nothing in Azure is open to everybody, and nobody comes in by a password: what checkov does not look at."""

import pytest

from tests.k8s.infra.bicep import Tree, files, objects, resources

CLOSED = {
    "Microsoft.ContainerRegistry/registries": "properties.networkRuleSet",
    "Microsoft.KeyVault/vaults": "properties.networkAcls",
    "Microsoft.Storage/storageAccounts": "properties.networkAcls",
}
OFF = [
    ("Microsoft.ContainerRegistry/registries", "properties", "adminUserEnabled", False),
    ("Microsoft.ContainerRegistry/registries", "properties", "anonymousPullEnabled", False),
    ("Microsoft.ContainerService/managedClusters", "properties", "disableLocalAccounts", True),
    ("Microsoft.ContainerService/managedClusters", "properties.aadProfile", "enableAzureRBAC", True),
    ("Microsoft.Dashboard/grafana", "properties", "apiKey", "Disabled"),
    ("Microsoft.KeyVault/vaults", "properties", "enableRbacAuthorization", True),
    ("Microsoft.KeyVault/vaults", "properties", "enablePurgeProtection", True),
    ("Microsoft.Storage/storageAccounts", "properties", "allowSharedKeyAccess", False),
    ("Microsoft.Storage/storageAccounts", "properties", "allowBlobPublicAccess", False),
]


def at(kind: str, path: str) -> Tree:
    """Return what is written at a place of the only resource of a type."""
    (found,) = [each for each in resources() if each.type.partition("@")[0] == kind]
    return dict(objects(found))[path]


@pytest.mark.parametrize(("kind", "path"), CLOSED.items())
def test_data_is_reached_from_named_addresses_alone(kind: str, path: str) -> None:
    """Registry, vaults and model store refuse all addresses but those of operators, and have a private endpoint."""
    rules = at(kind, path)
    assert rules["defaultAction"] == "Deny"
    assert rules["ipRules"]["loop_type"]["detail"]["array_name"] == "operatorIpRanges"
    (file,) = {each.file for each in resources() if each.type.startswith(f"{kind}@")}
    assert "endpoint" in files()[file]["modules"]


def test_api_server_is_private_or_limited() -> None:
    """Without addresses of operators the cluster is private; with them, they alone reach the API server."""
    access = at("Microsoft.ContainerService/managedClusters", "properties.apiServerAccessProfile")
    variables = files()["modules/cluster.bicep"]["variables"]
    assert variables["private"]["value"]["function"]["type"] == "empty"
    assert access["enablePrivateCluster"] == "private"
    ranges = access["authorizedIPRanges"]["operator"]["operands"]
    assert (ranges["condition"], ranges["false_value"]) == ("private", "operatorIpRanges")


@pytest.mark.parametrize(("kind", "path", "name", "value"), OFF)
def test_no_passwords(kind: str, path: str, name: str, value: object) -> None:
    """Each way around Entra ID and roles is off."""
    assert at(kind, path)[name] == value
