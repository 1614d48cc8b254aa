// Model releases: the container `models` of a storage account without keys.
//
// A release cannot be changed unnoticed: its files are named by their SHA-256, its id is the hash of its listing, and who
// pulls it checks both. So no retention policy locks the blobs: it would also forbid to move a tag and to remove releases
// that nobody needs. Versions and soft deletion bring back what was overwritten or removed by mistake.

param name string
param location string
param tags object
param logsWorkspaceId string

@description('Where its private endpoint gets an address, and where that gets its name.')
param subnetId string
param zoneId string

@description('Enabled for the ranges below, Disabled where there are none.')
param publicNetworkAccess string

@description('Address ranges from which people push releases; none: only from inside the virtual network.')
param operatorIpRanges array

@description('Who may do what with the container: id, type, role.')
param access array

var recoveryDays = 14

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS' // Pods start from it: it must survive a zone. Another region would be a cluster of its own.
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD'
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    isSftpEnabled: false
    isHnsEnabled: false // Hierarchical namespaces have no blob versions.
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'AzureServices' // For Defender's malware scan and for logs; data still needs a role.
      ipRules: [
        for range in operatorIpRanges: {
          action: 'Allow'
          value: range
        }
      ]
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-09-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
    }
  }
}

resource models 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: 'models'
  properties: {
    publicAccess: 'None'
  }
}

// A pruned release stays as old versions of its blobs, some 300 MB each. They are removed in time, and soft deletion keeps
// even those for as long again.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2026-09-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'old-versions'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
            }
            actions: {
              version: {
                delete: {
                  daysAfterCreationGreaterThan: recoveryDays
                }
              }
            }
          }
        }
      ]
    }
  }
}

module endpoint './private-endpoint.bicep' = {
  name: '${name}-blob-endpoint'
  params: {
    name: '${name}-blob'
    location: location
    tags: tags
    subnetId: subnetId
    zoneId: zoneId
    serviceId: account.id
    groupId: 'blob'
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in access: {
    name: guid(models.id, each.id, each.role)
    scope: models
    properties: {
      principalId: each.id
      principalType: each.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.role)
    }
  }
]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: blobs
  properties: {
    workspaceId: logsWorkspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

output name string = account.name
