// Managed Grafana, with the metrics of this deployment as its data source. People sign in with Entra ID; there are no keys.

param name string
param location string
param tags object
param metricsWorkspaceId string

@description('Major version of Grafana.')
param majorVersion string

@description('Who may do what here: id, type, role.')
param access array

resource grafana 'Microsoft.Dashboard/grafana@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    apiKey: 'Disabled'
    creatorCanAdmin: 'Disabled' // Roles are what is written below, not who happened to deploy.
    deterministicOutboundIP: 'Disabled'
    grafanaMajorVersion: majorVersion
    publicNetworkAccess: 'Enabled' // Behind Entra ID, for people on call who sit anywhere.
    zoneRedundancy: 'Enabled'
    grafanaIntegrations: {
      azureMonitorWorkspaceIntegrations: [
        {
          azureMonitorWorkspaceResourceId: metricsWorkspaceId
        }
      ]
    }
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in access: {
    name: guid(grafana.id, each.id, each.role)
    scope: grafana
    properties: {
      principalId: each.id
      principalType: each.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.role)
    }
  }
]

output principalId string = grafana.identity.principalId
