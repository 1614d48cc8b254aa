// Managed Prometheus: a workspace for metrics, and the endpoint and rule through which the cluster's agent sends them.
// What is scraped is said by the PodMonitors of the overlays.

param prefix string
param location string
param tags object

// Queries and ingestion need an Entra token. A private entrance would take an Azure Monitor Private Link Scope, which
// changes name resolution for every workspace of the network: a decision for the organisation, not for one service.
resource workspace 'Microsoft.Monitor/accounts@2025-10-03' = {
  name: '${prefix}-metrics'
  location: location
  tags: tags
  properties: {
    publicNetworkAccess: 'Enabled'
  }
}

resource endpoint 'Microsoft.Insights/dataCollectionEndpoints@2023-03-11' = {
  name: '${prefix}-metrics'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    networkAcls: {
      publicNetworkAccess: 'Enabled'
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: '${prefix}-metrics'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    dataCollectionEndpointId: endpoint.id
    dataSources: {
      prometheusForwarder: [
        {
          name: 'prometheus'
          streams: ['Microsoft-PrometheusMetrics']
          labelIncludeFilter: {}
        }
      ]
    }
    destinations: {
      monitoringAccounts: [
        {
          name: 'metrics'
          accountResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: ['Microsoft-PrometheusMetrics']
        destinations: ['metrics']
      }
    ]
  }
}

output workspaceId string = workspace.id
output workspaceName string = workspace.name
output queryEndpoint string = workspace.properties.metrics.prometheusQueryEndpoint
output ruleId string = rule.id
