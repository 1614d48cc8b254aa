"""Derives azure_models.json: the names and values that Azure's own models have where k8s/infra writes an object.

Run by hand, when a test says that it is incomplete, in an environment of its own, for the packages are large:

    pip install azure-mgmt-{containerservice,containerregistry,keyvault,storage,network,privatedns,loganalytics} \
        azure-mgmt-{monitor,monitorworkspaces,dashboard,prometheusrulegroups,msi,authorization,security,resource-policy,eventgrid}
    python -m tests.k8s.infra.derive
"""

import enum
import importlib
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.k8s.infra.bicep import Resource, objects, resources

TABLE = Path(__file__).with_name("azure_models.json")
# Where each type is modelled: the package and module, the class. diagnosticSettings are in none of the newest packages.
_MODELS = {
    "Microsoft.AlertsManagement/prometheusRuleGroups": ("prometheusrulegroups", "PrometheusRuleGroupResource"),
    "Microsoft.Authorization/policyAssignments": ("resource.policy", "PolicyAssignment"),
    "Microsoft.Authorization/roleAssignments": ("authorization.v2022_04_01", "RoleAssignmentCreateParameters"),
    "Microsoft.ContainerRegistry/registries": ("containerregistry", "Registry"),
    "Microsoft.ContainerService/managedClusters": ("containerservice", "ManagedCluster"),
    "Microsoft.ContainerService/managedClusters/agentPools": ("containerservice", "AgentPool"),
    "Microsoft.ContainerService/managedClusters/maintenanceConfigurations": (
        "containerservice",
        "MaintenanceConfiguration",
    ),
    "Microsoft.Dashboard/grafana": ("dashboard", "ManagedGrafana"),
    "Microsoft.EventGrid/systemTopics": ("eventgrid", "SystemTopic"),
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": ("eventgrid", "EventSubscription"),
    "Microsoft.Insights/actionGroups": ("monitor", "ActionGroupResource"),
    "Microsoft.Insights/dataCollectionEndpoints": ("monitor", "DataCollectionEndpointResource"),
    "Microsoft.Insights/dataCollectionRuleAssociations": ("monitor", "DataCollectionRuleAssociationProxyOnlyResource"),
    "Microsoft.Insights/dataCollectionRules": ("monitor", "DataCollectionRuleResource"),
    "Microsoft.KeyVault/vaults": ("keyvault", "VaultCreateOrUpdateParameters"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("msi.v2024_11_30", "Identity"),
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": (
        "msi.v2024_11_30",
        "FederatedIdentityCredential",
    ),
    "Microsoft.Monitor/accounts": ("monitorworkspaces", "AzureMonitorWorkspaceResource"),
    "Microsoft.Network/ddosProtectionPlans": ("network", "DdosProtectionPlan"),
    "Microsoft.Network/natGateways": ("network", "NatGateway"),
    "Microsoft.Network/networkSecurityGroups": ("network", "NetworkSecurityGroup"),
    "Microsoft.Network/privateDnsZones": ("privatedns", "PrivateZone"),
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": ("privatedns", "VirtualNetworkLink"),
    "Microsoft.Network/privateEndpoints": ("network", "PrivateEndpoint"),
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": ("network", "PrivateDnsZoneGroup"),
    "Microsoft.Network/publicIPAddresses": ("network", "PublicIPAddress"),
    "Microsoft.Network/virtualNetworks": ("network", "VirtualNetwork"),
    "Microsoft.OperationalInsights/workspaces": ("loganalytics", "Workspace"),
    "Microsoft.Security/pricings": ("security.v2024_01_01", "Pricing"),
    "Microsoft.Storage/storageAccounts": ("storage", "StorageAccountCreateParameters"),
    "Microsoft.Storage/storageAccounts/blobServices": ("storage", "BlobServiceProperties"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": ("storage", "BlobContainer"),
    "Microsoft.Storage/storageAccounts/managementPolicies": ("storage", "ManagementPolicy"),
}
_FREE = "*"  # any name: tags, labels, settings of an add-on


class Model:
    """A class of a package of Azure's, in either of the two shapes in which they are generated."""

    def __init__(self, module: Any, cls: type) -> None:
        self.module, self.cls = module, cls

    def children(self) -> dict[str, Any]:
        """Return a type, in any notation, for every name; a dict where one class stands for two levels."""
        found: dict[str, Any] = {}
        for path, kind in self._fields():
            *outer, name = path.replace("\\.", "\0").split(".")
            level = found
            for step in outer:
                level = level.setdefault(step, {})
            level[name.replace("\0", ".")] = kind
        return found

    def _fields(self) -> list[tuple[str, Any]]:
        if getattr(self.cls, "_attribute_map", None):
            variants = [name for each in getattr(self.cls, "_subtype_map", {}).values() for name in each.values()]
            classes = [
                self.cls,
                *(getattr(self.module, name) for name in variants),
            ]  # the names of any variant are taken
            attributes = [each for cls in classes for each in cls._attribute_map.values()]
            return [(each["key"], each["type"]) for each in attributes]
        kinds: dict[str, Any] = {}
        for cls in reversed(self.cls.__mro__):
            kinds |= getattr(cls, "__annotations__", {})
        return [
            (value._rest_name_input or name, kinds.get(name))
            for cls in self.cls.__mro__
            for name, value in vars(cls).items()
            if type(value).__name__ == "_RestField"
        ]

    def named(self, kind: Any) -> Any:
        """Return the class that a type names, or None."""
        for word in re.findall(r"\w+", str(kind)):
            found = getattr(self.module, word, None)
            if isinstance(found, type) and found.__module__.startswith("azure."):
                return found
        return None


def _step(model: Model, kind: Any, name: str) -> Any:
    """Return the type of a field of a type; _FREE below what may have any names."""
    if isinstance(kind, dict):
        return kind.get(name)
    if kind == _FREE:
        return _FREE
    cls = model.named(kind)
    if re.search(r"[Dd]ict\[|^\{", str(kind)):
        return cls or _FREE
    return Model(model.module, cls).children().get(name) if cls else _FREE


def _level(model: Model, kind: Any) -> list[str]:
    if isinstance(kind, dict):
        return sorted(kind)
    cls = None if kind == _FREE or re.search(r"[Dd]ict\[|^\{", str(kind)) else model.named(kind)
    return sorted(Model(model.module, cls).children()) if cls else [_FREE]


def _derive(resource: Resource, into: dict[str, Any]) -> None:
    where, cls = _MODELS[resource.type.partition("@")[0]]
    module = importlib.import_module(f"azure.mgmt.{where}.models")
    model = Model(module, getattr(module, cls))
    for path, written in objects(resource):
        kind: Any = model.children()
        for step in filter(None, path.split(".")):
            kind = _step(model, kind, step)
        into.setdefault("names", {})[path] = _level(model, kind)
        for name in written:
            found = model.named(_step(model, kind, name))
            if found and issubclass(found, enum.Enum):
                into.setdefault("values", {})[f"{path}.{name}".lstrip(".")] = sorted(str(each.value) for each in found)


def main() -> None:
    """Write the table."""
    types: dict[str, Any] = {}
    for resource in resources():
        if resource.type.partition("@")[0] in _MODELS:
            _derive(resource, types.setdefault(resource.type, {}))
    packages = {f"azure-mgmt-{where.split('.v')[0].replace('.', '-')}" for where, _ in _MODELS.values()}
    source = [f"{name} {version(name)}" for name in sorted(packages)]
    text = json.dumps({"source": source, "types": dict(sorted(types.items()))}, indent=1)
    one_line = re.sub(r"\[[^][{}]*\]", lambda each: re.sub(r"\s+", " ", each[0]), text)
    TABLE.write_text(f"{one_line}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
