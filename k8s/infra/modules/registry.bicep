// The container registry. Nodes pull with their identity over a private endpoint; nobody pulls anonymously or with a
// password.

param name string
param location string
param tags object
param logsWorkspaceId string

@description('Where its private endpoint gets an address, and where that gets its name.')
param subnetId string
param zoneId string

@description('Enabled for the ranges below, Disabled where there are none.')
param publicNetworkAccess string

@description('Address ranges from which people push images; none: only from inside the virtual network.')
param operatorIpRanges array

@description('Who may do what here: id, type, role.')
param access array

// No content trust: Azure removes it by March 2028, and AKS never checked it. Images are pinned by digest instead.
resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Premium' // The only tier with private endpoints and address rules.
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: publicNetworkAccess
    networkRuleBypassOptions: 'AzureServices' // `az acr import` and Defender's scanner come from outside the network.
    networkRuleBypassAllowedForTasks: false
    networkRuleSet: {
      defaultAction: 'Deny'
      ipRules: [
        for range in operatorIpRanges: {
          action: 'Allow'
          value: range
        }
      ]
    }
    dataEndpointEnabled: true // Layers come from a name of this registry alone: no wildcard in anyone's firewall.
    zoneRedundancy: 'Enabled'
    roleAssignmentMode: 'LegacyRegistryPermissions' // AcrPull counts; with repository permissions it would not.
    policies: {
      quarantinePolicy: {
        status: 'disabled'
      }
      retentionPolicy: {
        status: 'enabled'
        days: 30 // An untagged image can be gone back to for a month.
      }
      exportPolicy: {
        status: toLower(publicNetworkAccess) // Azure refuses to disable it while public access is on.
      }
    }
  }
}

module endpoint './private-endpoint.bicep' = {
  name: '${name}-registry-endpoint'
  params: {
    name: '${name}-registry'
    location: location
    tags: tags
    subnetId: subnetId
    zoneId: zoneId
    serviceId: registry.id
    groupId: 'registry'
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in access: {
    name: guid(registry.id, each.id, each.role)
    scope: registry
    properties: {
      principalId: each.id
      principalType: each.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.role)
    }
  }
]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: registry
  properties: {
    workspaceId: logsWorkspaceId
    logs: [
      {
        category: 'ContainerRegistryLoginEvents'
        enabled: true
      }
      {
        category: 'ContainerRegistryRepositoryEvents'
        enabled: true
      }
    ]
  }
}

output loginServer string = registry.properties.loginServer
