// Who may read metrics.

param workspaceName string

@description('Who may do what with the workspace: id, type, role.')
param access array

resource workspace 'Microsoft.Monitor/accounts@2025-10-03' existing = {
  name: workspaceName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in access: {
    name: guid(workspace.id, each.id, each.role)
    scope: workspace
    properties: {
      principalId: each.id
      principalType: each.type
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.role)
    }
  }
]
