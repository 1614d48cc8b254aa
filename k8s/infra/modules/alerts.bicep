// Recording and alerting rules in managed Prometheus, which takes no PrometheusRule objects. They are generated from the
// same files as those: k8s/monitoring/rules.

param prefix string
param location string
param tags object
param metricsWorkspaceId string
param clusterName string
param email string

@description('What makes a link of a path in this repository.')
param runbooksUrl string

var groups = loadJsonContent('../../monitoring/azure-rule-groups.json')

// What alerting rules have and recording rules must not.
var alerting = {
  actions: [
    {
      actionGroupId: people.id
    }
  ]
  resolveConfiguration: {
    autoResolved: true
    timeToResolve: 'PT10M'
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${prefix}-people'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: take(prefix, 12)
    enabled: true
    emailReceivers: [
      {
        name: 'on-call'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource ruleGroups 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = [
  for group in groups: {
    name: group.name
    location: location
    tags: tags
    properties: {
      description: group.description
      scopes: [metricsWorkspaceId]
      clusterName: clusterName
      enabled: true
      interval: group.interval
      rules: [
        for rule in group.rules: union(
          rule,
          contains(rule, 'alert') ? alerting : {},
          contains(rule, 'alert') ? { annotations: { runbook_url: '${runbooksUrl}${rule.annotations.runbook_url}' } } : {}
        )
      ]
    }
  }
]

output actionGroupId string = people.id
