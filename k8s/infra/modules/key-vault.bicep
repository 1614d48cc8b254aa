// A key vault whose contents are read and written by role alone. There are two of them: who may read the API keys has no
// business with the private key of the certificate, and the other way round.

param name string
param location string
param tags object
param logsWorkspaceId string

@description('Enabled for the ranges below, Disabled where there are none.')
param publicNetworkAccess string

@description('Address ranges from which people write secrets; none: only from inside the virtual network.')
param operatorIpRanges array

@description('Who may do what here: principalId, principalType, roleId.')
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

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in access: {
    name: guid(vault.id, each.principalId, each.roleId)
    scope: vault
    properties: {
      principalId: each.principalId
      principalType: each.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
    }
  }
]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: vault
  properties: {
    workspaceId: logsWorkspaceId
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
