// An identity of Azure for one service account of Kubernetes: pods that run as it get tokens, no secret is stored anywhere.

param name string
param location string
param tags object

@description('Issuer of the cluster\'s service account tokens.')
param issuerUrl string
param namespace string
param serviceAccount string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

resource credential 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = {
  parent: identity
  name: '${namespace}-${serviceAccount}'
  properties: {
    issuer: issuerUrl
    subject: 'system:serviceaccount:${namespace}:${serviceAccount}'
    audiences: ['api://AzureADTokenExchange']
  }
}

output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
