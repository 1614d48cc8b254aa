// The virtual network: a subnet for nodes, one for the API server, one for private endpoints. Pods have addresses of
// their own (overlay), so a /22 is room for a thousand nodes. Egress goes through a NAT gateway, never through addresses
// that Azure lends by default.

param prefix string
param location string
param tags object

@description('none, new (a DDoS Network Protection plan: about 2,900 US$ a month for up to 100 addresses), or the resource ID of a plan that the organisation has: one plan serves all its subscriptions.')
param ddosProtectionPlan string

@description('StandardV2 spreads over zones; Standard, in one zone, where a region lacks it.')
param natGatewaySku string

@description('Availability zones of the address for egress.')
param zones array

var addresses = '10.240.0.0/16'
var nodesCidr = '10.240.0.0/22'
var apiServerCidr = '10.240.4.0/28' // The smallest that AKS takes is /28.
var endpointsCidr = '10.240.5.0/24'
var protected = ddosProtectionPlan != 'none'
var newPlan = ddosProtectionPlan == 'new'

module securityGroups './security-groups.bicep' = {
  name: 'security-groups'
  params: {
    prefix: prefix
    location: location
    tags: tags
    nodesCidr: nodesCidr
    apiServerCidr: apiServerCidr
  }
}

resource plan 'Microsoft.Network/ddosProtectionPlans@2026-03-01' = if (newPlan) {
  name: '${prefix}-ddos'
  location: location
  tags: tags
}

resource egressAddress 'Microsoft.Network/publicIPAddresses@2026-03-01' = {
  name: '${prefix}-egress'
  location: location
  tags: tags
  zones: zones
  sku: {
    name: natGatewaySku
  }
  properties: {
    publicIPAllocationMethod: 'Static'
    publicIPAddressVersion: 'IPv4'
  }
}

resource natGateway 'Microsoft.Network/natGateways@2026-03-01' = {
  name: '${prefix}-egress'
  location: location
  tags: tags
  sku: {
    name: natGatewaySku
  }
  properties: {
    idleTimeoutInMinutes: 10 // Longer than any pause between keepalives.
    publicIpAddresses: [
      {
        id: egressAddress.id
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2026-03-01' = {
  name: '${prefix}-network'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addresses]
    }
    enableDdosProtection: protected
    ddosProtectionPlan: protected ? { id: newPlan ? plan.id : ddosProtectionPlan } : null
    subnets: [
      {
        name: 'nodes'
        properties: {
          addressPrefix: nodesCidr
          natGateway: {
            id: natGateway.id
          }
          networkSecurityGroup: {
            id: securityGroups.outputs.nodesId
          }
          defaultOutboundAccess: false
        }
      }
      {
        name: 'api-server'
        properties: {
          addressPrefix: apiServerCidr
          networkSecurityGroup: {
            id: securityGroups.outputs.apiServerId
          }
          defaultOutboundAccess: false
          delegations: [
            {
              name: 'aks'
              properties: {
                serviceName: 'Microsoft.ContainerService/managedClusters'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointsCidr
          networkSecurityGroup: {
            id: securityGroups.outputs.endpointsId
          }
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Enabled' // Else its security group would not count.
        }
      }
    ]
  }

  resource nodes 'subnets' existing = {
    name: 'nodes'
  }

  resource apiServer 'subnets' existing = {
    name: 'api-server'
  }

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

output id string = network.id
output name string = network.name
output nodesSubnetId string = network::nodes.id
output apiServerSubnetId string = network::apiServer.id
output endpointsSubnetId string = network::endpoints.id
