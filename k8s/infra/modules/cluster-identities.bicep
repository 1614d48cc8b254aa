// The two identities of the cluster itself. The control plane may join its nodes to the subnets; the kubelets may pull
// images (the registry says so) and nothing else.

param prefix string
param location string
param tags object
param networkName string

@description('Built-in roles by name.')
param roles object

resource controlPlane 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-control-plane'
  location: location
  tags: tags
}

resource kubelet 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-kubelet'
  location: location
  tags: tags
}

resource network 'Microsoft.Network/virtualNetworks@2026-03-01' existing = {
  name: networkName

  resource nodes 'subnets' existing = {
    name: 'nodes'
  }

  resource apiServer 'subnets' existing = {
    name: 'api-server'
  }
}

// The two subnets, not the network: private endpoints are none of the cluster's business.
resource nodesSubnet 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(network::nodes.id, controlPlane.id, roles.networkContributor)
  scope: network::nodes
  properties: {
    principalId: controlPlane.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.networkContributor)
  }
}

resource apiServerSubnet 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(network::apiServer.id, controlPlane.id, roles.networkContributor)
  scope: network::apiServer
  properties: {
    principalId: controlPlane.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.networkContributor)
  }
}

// The control plane gives nodes the kubelets' identity.
resource kubeletOperator 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(kubelet.id, controlPlane.id, roles.managedIdentityOperator)
  scope: kubelet
  properties: {
    principalId: controlPlane.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.managedIdentityOperator)
  }
}

output controlPlaneId string = controlPlane.id
output kubeletId string = kubelet.id
output kubeletClientId string = kubelet.properties.clientId
output kubeletPrincipalId string = kubelet.properties.principalId
