// A key vault whose contents are read and written by role alone. There are two of them: who may read the API keys has no
// business with the private key of the certificate, and the other way round.

param name string
param location string
param tags object
param logsWorkspaceId string

@description('Where its private endpoint gets an address, and where that gets its name.')
param subnetId string
param zoneId string

@description('Enabled for the ranges below, Disabled where there are none.')
param publicNetworkAccess string

@description('Address ranges from which people write secrets; none: only from inside the virtual network.')
param operatorIpRanges array

@description('Who may do what here: id, type, role.')
param access array

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true // Nobody, not even an owner, gets rid of a deleted key before 90 days are over.
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
      ipRules: [
        for range in operatorIpRanges: {
          value: range
        }
      ]
    }
  }
}

module endpoint './private-endpoint.bicep' = {
  name: '${name}-vault-endpoint'
  params: {
    name: '${name}-vault'
    location: location
    tags: tags
    subnetId: subnetId
    zoneId: zoneId
    serviceId: vault.id
    groupId: 'vault'
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in access: {
    name: guid(vault.id, each.id, each.role)
    scope: vault
    properties: {
      principalId: each.id
      principalType: each.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.role)
    }
  }
]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: vault
  properties: {
    workspaceId: logsWorkspaceId
    logAnalyticsDestinationType: 'Dedicated' // Table AZKVAuditLogs instead of AzureDiagnostics.
    logs: [
      {
        category: 'AuditEvent' // Every read of a key, and by whom.
        enabled: true
      }
    ]
  }
}

output id string = vault.id
output name string = vault.name
output uri string = vault.properties.vaultUri
