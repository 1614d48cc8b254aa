// Where logs go: a Log Analytics workspace, and the rule that says what Container Insights collects from the cluster.

param prefix string
param location string
param tags object

@description('Days that logs are kept; 31 of them are in the price of ingestion.')
param retentionDays int

@description('Who may do what with the logs: id, type, role.')
param access array

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: '${prefix}-logs'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    features: {
      // People come with Entra identities, the cluster's agent with its own. Workspace keys stay on all the same:
      // "Troubleshoot Container insights" names disableLocalAuth as a cause of missing logs.
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource containerLogs 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: '${prefix}-container-logs'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    dataSources: {
      extensions: [
        {
          name: 'ContainerInsightsExtension'
          extensionName: 'ContainerInsights'
          streams: streams
          extensionSettings: {
            dataCollectionSettings: {
              interval: '5m' // Inventory. Figures that alerts need come from Prometheus.
              namespaceFilteringMode: 'Off' // The load balancer of the edge and the add-ons are worth reading, too.
              enableContainerLogV2: true
            }
          }
        }
      ]
    }
    destinations: {
      logAnalytics: [
        {
          name: 'logs'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: streams
        destinations: ['logs']
      }
    ]
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in access: {
    name: guid(workspace.id, each.id, each.role)
    scope: workspace
    properties: {
      principalId: each.id
      principalType: each.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.role)
    }
  }
]

// Without Microsoft-Perf and Microsoft-InsightsMetrics: Prometheus has the same at a fraction of the price.
var streams = [
  'Microsoft-ContainerLogV2'
  'Microsoft-KubeEvents'
  'Microsoft-KubePodInventory'
  'Microsoft-KubeNodeInventory'
]

output workspaceId string = workspace.id
output containerLogsRuleId string = containerLogs.id
