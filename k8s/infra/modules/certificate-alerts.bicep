// Tells people 30 days before a certificate of the vault expires, and when it has: gateways do not see the edge's. Key
// Vault sends such events (its documentation, "Azure Key Vault as Event Grid source"), and Event Grid hands them to Azure Monitor.

param name string
param location string
param tags object
param vaultId string
param actionGroupId string

resource events 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    source: vaultId
    topicType: 'Microsoft.KeyVault.vaults'
  }
}

resource expiry 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: events
  name: 'certificate-expiry'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0' // The one that Azure Monitor takes.
    filter: {
      includedEventTypes: ['Microsoft.KeyVault.CertificateNearExpiry', 'Microsoft.KeyVault.CertificateExpired']
    }
    destination: {
      endpointType: 'MonitorAlert'
      properties: {
        severity: 'Sev1'
        description: 'The certificate of the edge expires, or has expired: its renewal failed, or nobody imported a new one.'
        actionGroups: [actionGroupId]
      }
    }
  }
}
