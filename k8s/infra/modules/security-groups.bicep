// Network security groups, one for each subnet. What the clients of the service need is named; the rules that Azure adds
// by itself (the virtual network among itself, probes of the load balancer) stay, and refuse the rest.

param prefix string
param location string
param tags object

@description('Addresses of the nodes, which alone talk to private endpoints and the API server.')
param nodesCidr string

@description('Addresses of the API server.')
param apiServerCidr string

resource nodes 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${prefix}-nodes'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'clients-https'
        properties: {
          description: 'HTTPS and gRPC from anywhere: who may ask is decided by API keys.'
          priority: 200
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '443'
        }
      }
      {
        name: 'clients-http'
        properties: {
          description: 'Plain HTTP is answered with a redirect to HTTPS and nothing else.'
          priority: 210
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '80'
        }
      }
    ]
  }
}

// Ports from "Create an Azure Kubernetes Service cluster with API Server VNet Integration", section on security groups.
resource apiServer 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${prefix}-api-server'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'nodes'
        properties: {
          description: 'kubelets, konnectivity and pods that use the Kubernetes API.'
          priority: 200
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: nodesCidr
          sourcePortRange: '*'
          destinationAddressPrefix: apiServerCidr
          destinationPortRanges: ['443', '4443']
        }
      }
      {
        name: 'probes'
        properties: {
          description: 'Probes of the load balancer in front of the API server.'
          priority: 210
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'AzureLoadBalancer'
          sourcePortRange: '*'
          destinationAddressPrefix: apiServerCidr
          destinationPortRange: '9988'
        }
      }
    ]
  }
}

resource endpoints 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: '${prefix}-endpoints'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'https'
        properties: {
          description: 'Registry, vaults and model releases, for the virtual network and what is peered with it.'
          priority: 200
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'VirtualNetwork'
          sourcePortRange: '*'
          destinationAddressPrefix: 'VirtualNetwork'
          destinationPortRange: '443'
        }
      }
      {
        name: 'nothing-else'
        properties: {
          description: 'Azure lets the virtual network reach every port unless this says no.'
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

output nodesId string = nodes.id
output apiServerId string = apiServer.id
output endpointsId string = endpoints.id
