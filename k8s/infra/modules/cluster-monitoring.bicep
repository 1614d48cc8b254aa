// What the cluster sends where: pod logs, metrics, and the control plane's own logs.

param clusterName string
param containerLogsRuleId string
param metricsRuleId string
param logsWorkspaceId string

resource cluster 'Microsoft.ContainerService/managedClusters@2026-08-01' existing = {
  name: clusterName
}

// The agent looks for associations by these two names.
resource containerLogs 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  name: 'ContainerInsightsExtension'
  scope: cluster
  properties: {
    description: 'Pod logs and inventory. Without it Container Insights has nowhere to send them.'
    dataCollectionRuleId: containerLogsRuleId
  }
}

resource metrics 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  name: 'ContainerInsightsMetricsExtension'
  scope: cluster
  properties: {
    description: 'Prometheus metrics. Without it the cluster scrapes and sends nothing.'
    dataCollectionRuleId: metricsRuleId
  }
}

resource controlPlane 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'control-plane'
  scope: cluster
  properties: {
    workspaceId: logsWorkspaceId
    logAnalyticsDestinationType: 'Dedicated' // Tables AKSAuditAdmin and AKSControlPlane instead of AzureDiagnostics.
    logs: [
      {
        category: 'kube-audit-admin' // Who changed what. kube-audit would add every read: ten times the volume.
        enabled: true
      }
      {
        category: 'guard' // Who signed in with Entra ID, and what Azure RBAC answered.
        enabled: true
      }
      {
        category: 'cluster-autoscaler' // Why a node was, or was not, added.
        enabled: true
      }
    ]
  }
}
