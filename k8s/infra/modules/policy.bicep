// What Azure Policy watches in the cluster, beside what Kubernetes refuses by itself (Pod Security "restricted" on the
// namespace): pods come from our registry alone, and keep the restricted standard even where someone takes the label off
// the namespace. Envoy, which application routing starts from Microsoft's registry, has a namespace of its own.

@description('Audit reports in the portal, Deny refuses the pod.')
param effect string

@description('Host of the registry of our images.')
param registryHost string

@description('Namespace of the service.')
param namespace string

// Built-in: "Kubernetes cluster containers should only use allowed images".
var allowedImages = 'febd0533-8e55-448f-b837-bd0e06f16469'

// Built-in initiative: "Kubernetes cluster pod security restricted standards for Linux-based workloads".
var restrictedPods = '42b8ef37-b724-4e24-bbc8-7a7708edfe00'

resource images 'Microsoft.Authorization/policyAssignments@2026-06-01' = {
  name: 'scoring-images'
  properties: {
    displayName: 'Pods of the scoring service come from its registry'
    policyDefinitionId: tenantResourceId('Microsoft.Authorization/policyDefinitions', allowedImages)
    parameters: {
      effect: {
        value: effect
      }
      namespaces: {
        value: [namespace]
      }
      allowedContainerImagesRegex: {
        value: '^${replace(registryHost, '.', '\\.')}/.+$'
      }
    }
  }
}

resource pods 'Microsoft.Authorization/policyAssignments@2026-06-01' = {
  name: 'scoring-pods'
  properties: {
    displayName: 'Pods of the scoring service keep the restricted standard'
    policyDefinitionId: tenantResourceId('Microsoft.Authorization/policySetDefinitions', restrictedPods)
    parameters: {
      effect: {
        value: effect
      }
      namespaces: {
        value: [namespace]
      }
    }
  }
}
