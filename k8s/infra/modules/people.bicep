// What people may do with the cluster, by Entra group, with Azure's roles for Kubernetes. Deployers change what runs in the
// namespace of the service: who can do that has the identity of every service account in it. Operators and viewers read it,
// without its secrets; what operators change beyond that, k8s/components/access says.

param clusterName string

@description('Namespace of the service.')
param namespace string
param adminGroupId string
param deployerGroupId string
param operatorGroupId string
param viewerGroupId string

@description('Built-in roles by name.')
param roles object

resource cluster 'Microsoft.ContainerService/managedClusters@2026-08-01' existing = {
  name: clusterName
}

// A scope that exists for Azure RBAC alone: the namespace need not be there yet, and Bicep has no type for it.
#disable-next-line BCP081
resource namespaceScope 'Microsoft.ContainerService/managedClusters/namespaces@2026-08-01' existing = {
  parent: cluster
  name: namespace
}

var onCluster = [
  // `az aks get-credentials`: a kubeconfig that says nothing more than where the API server is.
  { groupId: adminGroupId, roleId: roles.clusterUser }
  { groupId: deployerGroupId, roleId: roles.clusterUser }
  { groupId: operatorGroupId, roleId: roles.clusterUser }
  { groupId: viewerGroupId, roleId: roles.clusterUser }
  { groupId: adminGroupId, roleId: roles.kubernetesClusterAdmin }
]

var onNamespace = [
  { groupId: deployerGroupId, roleId: roles.kubernetesWriter }
  { groupId: operatorGroupId, roleId: roles.kubernetesReader }
  { groupId: viewerGroupId, roleId: roles.kubernetesReader }
]

resource clusterWide 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in onCluster: {
    name: guid(cluster.id, each.groupId, each.roleId)
    scope: cluster
    properties: {
      principalId: each.groupId
      principalType: 'Group'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
    }
  }
]

resource namespaced 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in onNamespace: {
    name: guid(namespaceScope.id, each.groupId, each.roleId)
    scope: namespaceScope
    properties: {
      principalId: each.groupId
      principalType: 'Group'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
    }
  }
]
