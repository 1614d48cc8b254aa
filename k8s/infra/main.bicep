// Everything that the service needs in Azure, in one resource group: README.md beside this file has the commands.
// Its outputs are the lines of k8s/components/azure/azure.env.

@description('Begins every name: lower-case letters and digits.')
@minLength(3)
@maxLength(7)
param prefix string = 'scoring'

param location string = resourceGroup().location

param tags object = {
  service: 'realtime-scoring'
}

@description('Entra group that administers the cluster and Grafana.')
param adminGroupId string

@description('Entra group that changes what runs: pushes images and models, rolls out, writes keys and certificates.')
param deployerGroupId string

@description('Entra group on call: sees everything but secrets, scales and restarts (k8s/components/access), edits dashboards.')
param operatorGroupId string

@description('Entra group that looks: dashboards, logs, what runs.')
param viewerGroupId string

@description('Addresses from which people work, as 203.0.113.7 or 203.0.113.0/28: they alone reach the API server, registry, vaults and model store from outside, and need a role there. None: all of it is private, to be reached from the virtual network.')
param operatorIpRanges array = []

@description('The name by which clients call the service.')
param hostname string

@description('Name of the certificate in the vault for certificates.')
param certificateName string = 'scoring'

@description('Who is told of alerts.')
param alertEmail string

@description('What stands before the path of a runbook to make a link of it, such as https://HOST/OWNER/REPOSITORY/blob/main/.')
param runbooksUrl string = ''

@description('Minor version of Kubernetes; patches come by themselves.')
param kubernetesVersion string = '1.34'

@description('Availability zones of nodes. The region must have zones: registry, model store and Grafana spread over them.')
param zones array = ['1', '2', '3']

@description('Availability zones that have the GPU size; none: Azure picks.')
param gpuZones array = []

@description('For add-ons, KEDA and DNS.')
param systemVmSize string = 'Standard_D4ds_v5'

@description('For gateways and Tritons on CPUs. Sixth generation: AMX makes bfloat16 fast.')
param cpuVmSize string = 'Standard_D8s_v6'

@description('Ephemeral where the size has a local disk (Standard_D8ds_v6), else Managed.')
@allowed(['Ephemeral', 'Managed'])
param cpuOsDiskType string = 'Managed'

@description('One for each zone: a zone that fails leaves two thirds.')
@minValue(1)
param cpuMinCount int = 3

@maxValue(100)
param cpuMaxCount int = 10

@description('Four cores and one T4.')
param gpuVmSize string = 'Standard_NC4as_T4_v3'

@description('GPU nodes that stay warm. 0: the pool starts from nothing, and CPUs answer for the up to 10 minutes that takes.')
@minValue(0)
param gpuMinCount int = 1

@maxValue(100)
param gpuMaxCount int = 3

@description('none, new (a DDoS Network Protection plan: about 2,900 US$ a month for up to 100 addresses), or the resource ID of a plan that the organisation has.')
param ddosProtectionPlan string = 'none'

@description('StandardV2 spreads over zones; Standard, in one zone, where a region lacks it.')
@allowed(['Standard', 'StandardV2'])
param natGatewaySku string = 'StandardV2'

@description('Network policies may name hosts (Advanced Container Networking Services, paid for by node): for the component egress-by-name.')
param policiesByName bool = false

@description('Days that logs are kept; 31 of them are in the price of ingestion.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 31

@description('What Azure Policy does about pods that break a rule.')
@allowed(['Audit', 'Deny'])
param policyEffect string = 'Audit'

param grafanaMajorVersion string = '12'

@description('Night in which Kubernetes and add-ons are updated.')
param maintenanceDay string = 'Sunday'

@description('Night in which node images are updated: another one, so that two changes are never one incident.')
param maintenanceNodesDay string = 'Tuesday'

@description('HH:mm, at the offset from UTC.')
param maintenanceStart string = '01:00'
param maintenanceUtcOffset string = '+00:00'

var suffix = uniqueString(resourceGroup().id)
var namespace = 'scoring' // As in k8s/base.
var edgeNamespace = 'scoring-edge' // As in k8s/components/gateway-api.
var fromOutside = empty(operatorIpRanges) ? 'Disabled' : 'Enabled'

// Azure's built-in roles: the same in every subscription ("Azure built-in roles" lists them).
var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  acrPush: '8311e382-0749-4cb8-b61a-304f252e45ec'
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  certificatesOfficer: 'a4417e6f-fecd-4de8-b567-7b0420556985'
  clusterUser: '4abbcc35-e782-43d8-92c5-2d3f1bd2253f' // Azure Kubernetes Service Cluster User Role
  grafanaAdmin: '22926164-76b3-42b3-bc55-97df8dab3e41'
  grafanaEditor: 'a79a5197-3a5c-4973-a920-486035ffd60f'
  grafanaViewer: '60921a7e-fef1-4a43-9b16-a26c52ad4769'
  kubernetesClusterAdmin: 'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b' // Azure Kubernetes Service RBAC Cluster Admin
  kubernetesReader: '7f6c6a51-bcf8-42ba-9220-52d62157d7db' // Azure Kubernetes Service RBAC Reader: no secrets
  kubernetesWriter: 'a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb' // Azure Kubernetes Service RBAC Writer: no roles, no quotas
  logAnalyticsReader: '73c42c96-874c-492b-b04d-ab87d138a893'
  managedIdentityOperator: 'f1a07417-d97a-45cb-824c-7a7467783830'
  monitoringDataReader: 'b0d8363b-8ddd-447d-831f-62ca05bff136'
  networkContributor: '4d97b98b-1d4f-4787-a291-c67834d212e7'
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
}

module network './modules/network.bicep' = {
  name: 'network'
  params: {
    prefix: prefix
    location: location
    tags: tags
    zones: zones
    ddosProtectionPlan: ddosProtectionPlan
    natGatewaySku: natGatewaySku
  }
}

module logs './modules/logs.bicep' = {
  name: 'logs'
  params: {
    prefix: prefix
    location: location
    tags: tags
    retentionDays: logRetentionDays
    access: [
      { id: operatorGroupId, type: 'Group', role: roles.logAnalyticsReader }
      { id: viewerGroupId, type: 'Group', role: roles.logAnalyticsReader }
    ]
  }
}

module metrics './modules/metrics.bicep' = {
  name: 'metrics'
  params: {
    prefix: prefix
    location: location
    tags: tags
  }
}

module clusterIdentities './modules/cluster-identities.bicep' = {
  name: 'cluster-identities'
  params: {
    prefix: prefix
    location: location
    tags: tags
    networkName: network.outputs.name
    roles: roles
  }
}

module cluster './modules/cluster.bicep' = {
  name: 'cluster'
  params: {
    prefix: prefix
    location: location
    tags: tags
    kubernetesVersion: kubernetesVersion
    zones: zones
    vmSize: systemVmSize
    nodesSubnetId: network.outputs.nodesSubnetId
    apiServerSubnetId: network.outputs.apiServerSubnetId
    controlPlaneIdentityId: clusterIdentities.outputs.controlPlaneId
    kubeletIdentityId: clusterIdentities.outputs.kubeletId
    kubeletClientId: clusterIdentities.outputs.kubeletClientId
    kubeletPrincipalId: clusterIdentities.outputs.kubeletPrincipalId
    logsWorkspaceId: logs.outputs.workspaceId
    policiesByName: policiesByName
    operatorIpRanges: operatorIpRanges
  }
}

module cpuPool './modules/node-pool.bicep' = {
  name: 'cpu-pool'
  params: {
    clusterName: cluster.outputs.name
    name: 'cpu'
    kubernetesVersion: kubernetesVersion
    vmSize: cpuVmSize
    osDiskType: cpuOsDiskType
    zones: zones
    subnetId: network.outputs.nodesSubnetId
    minCount: cpuMinCount
    maxCount: cpuMaxCount
    label: 'cpu'
    taints: []
    gpu: false
  }
}

module gpuPool './modules/node-pool.bicep' = {
  name: 'gpu-pool'
  params: {
    clusterName: cluster.outputs.name
    name: 'gpu'
    kubernetesVersion: kubernetesVersion
    vmSize: gpuVmSize
    osDiskType: 'Ephemeral'
    zones: gpuZones
    subnetId: network.outputs.nodesSubnetId
    minCount: gpuMinCount
    maxCount: gpuMaxCount
    label: 'gpu'
    taints: ['sku=gpu:NoSchedule']
    gpu: true
  }
}

module maintenance './modules/maintenance.bicep' = {
  name: 'maintenance'
  params: {
    clusterName: cluster.outputs.name
    day: maintenanceDay
    nodesDay: maintenanceNodesDay
    startTime: maintenanceStart
    utcOffset: maintenanceUtcOffset
  }
}

module clusterMonitoring './modules/cluster-monitoring.bicep' = {
  name: 'cluster-monitoring'
  params: {
    clusterName: cluster.outputs.name
    containerLogsRuleId: logs.outputs.containerLogsRuleId
    metricsRuleId: metrics.outputs.ruleId
    logsWorkspaceId: logs.outputs.workspaceId
  }
}

module people './modules/people.bicep' = {
  name: 'people'
  params: {
    clusterName: cluster.outputs.name
    namespace: namespace
    adminGroupId: adminGroupId
    deployerGroupId: deployerGroupId
    operatorGroupId: operatorGroupId
    viewerGroupId: viewerGroupId
    roles: roles
  }
}

module policy './modules/policy.bicep' = {
  name: 'policy'
  params: {
    effect: policyEffect
    registryHost: registry.outputs.loginServer
    namespace: namespace
  }
}

// Reads API keys, and the documents of model releases.
module gatewayIdentity './modules/workload-identity.bicep' = {
  name: 'gateway-identity'
  params: {
    name: '${prefix}-gateway'
    location: location
    tags: tags
    issuerUrl: cluster.outputs.issuerUrl
    namespace: namespace
    serviceAccount: 'gateway'
  }
}

// Reads model releases.
module tritonIdentity './modules/workload-identity.bicep' = {
  name: 'triton-identity'
  params: {
    name: '${prefix}-triton'
    location: location
    tags: tags
    issuerUrl: cluster.outputs.issuerUrl
    namespace: namespace
    serviceAccount: 'triton'
  }
}

// Pushes model releases.
module converterIdentity './modules/workload-identity.bicep' = {
  name: 'converter-identity'
  params: {
    name: '${prefix}-converter'
    location: location
    tags: tags
    issuerUrl: cluster.outputs.issuerUrl
    namespace: namespace
    serviceAccount: 'converter'
  }
}

// Lets application routing read the certificate.
module publicIdentity './modules/workload-identity.bicep' = {
  name: 'public-identity'
  params: {
    name: '${prefix}-public'
    location: location
    tags: tags
    issuerUrl: cluster.outputs.issuerUrl
    namespace: edgeNamespace
    serviceAccount: 'public'
  }
}

// The add-on's operator: reads metrics, to scale by them.
module kedaIdentity './modules/workload-identity.bicep' = {
  name: 'keda-identity'
  params: {
    name: '${prefix}-keda'
    location: location
    tags: tags
    issuerUrl: cluster.outputs.issuerUrl
    namespace: 'kube-system'
    serviceAccount: 'keda-operator'
  }
}

module registryZone './modules/private-zone.bicep' = {
  name: 'registry-zone'
  params: {
    zoneName: 'privatelink${environment().suffixes.acrLoginServer}'
    tags: tags
    networkId: network.outputs.id
  }
}

module vaultZone './modules/private-zone.bicep' = {
  name: 'vault-zone'
  params: {
    zoneName: 'privatelink.vaultcore.azure.net' // Not the vault's own suffix: "Azure private endpoint DNS zone values".
    tags: tags
    networkId: network.outputs.id
  }
}

module blobZone './modules/private-zone.bicep' = {
  name: 'blob-zone'
  params: {
    zoneName: 'privatelink.blob.${environment().suffixes.storage}'
    tags: tags
    networkId: network.outputs.id
  }
}

module registry './modules/registry.bicep' = {
  name: 'registry'
  params: {
    name: '${prefix}${suffix}'
    location: location
    tags: tags
    logsWorkspaceId: logs.outputs.workspaceId
    subnetId: network.outputs.endpointsSubnetId
    zoneId: registryZone.outputs.id
    publicNetworkAccess: fromOutside
    operatorIpRanges: operatorIpRanges
    access: [
      { id: clusterIdentities.outputs.kubeletPrincipalId, type: 'ServicePrincipal', role: roles.acrPull }
      { id: deployerGroupId, type: 'Group', role: roles.acrPush }
    ]
  }
}

// API keys: the secret scoring-keys.
module keys './modules/key-vault.bicep' = {
  name: 'keys'
  params: {
    name: '${prefix}-k-${suffix}'
    location: location
    tags: tags
    logsWorkspaceId: logs.outputs.workspaceId
    subnetId: network.outputs.endpointsSubnetId
    zoneId: vaultZone.outputs.id
    publicNetworkAccess: fromOutside
    operatorIpRanges: operatorIpRanges
    access: [
      { id: gatewayIdentity.outputs.principalId, type: 'ServicePrincipal', role: roles.secretsUser }
      { id: deployerGroupId, type: 'Group', role: roles.secretsOfficer }
    ]
  }
}

module certificates './modules/key-vault.bicep' = {
  name: 'certificates'
  params: {
    name: '${prefix}-c-${suffix}'
    location: location
    tags: tags
    logsWorkspaceId: logs.outputs.workspaceId
    subnetId: network.outputs.endpointsSubnetId
    zoneId: vaultZone.outputs.id
    publicNetworkAccess: fromOutside
    operatorIpRanges: operatorIpRanges
    access: [
      // A certificate with its private key is read as a secret.
      { id: publicIdentity.outputs.principalId, type: 'ServicePrincipal', role: roles.secretsUser }
      { id: deployerGroupId, type: 'Group', role: roles.certificatesOfficer }
    ]
  }
}

module modelStore './modules/model-store.bicep' = {
  name: 'model-store'
  params: {
    name: '${prefix}${suffix}'
    location: location
    tags: tags
    logsWorkspaceId: logs.outputs.workspaceId
    subnetId: network.outputs.endpointsSubnetId
    zoneId: blobZone.outputs.id
    publicNetworkAccess: fromOutside
    operatorIpRanges: operatorIpRanges
    access: [
      { id: gatewayIdentity.outputs.principalId, type: 'ServicePrincipal', role: roles.blobDataReader }
      { id: tritonIdentity.outputs.principalId, type: 'ServicePrincipal', role: roles.blobDataReader }
      { id: converterIdentity.outputs.principalId, type: 'ServicePrincipal', role: roles.blobDataContributor }
      { id: deployerGroupId, type: 'Group', role: roles.blobDataContributor }
    ]
  }
}

module grafana './modules/grafana.bicep' = {
  name: 'grafana'
  params: {
    name: '${prefix}-${take(suffix, 8)}'
    location: location
    tags: tags
    majorVersion: grafanaMajorVersion
    metricsWorkspaceId: metrics.outputs.workspaceId
    access: [
      { id: adminGroupId, type: 'Group', role: roles.grafanaAdmin }
      { id: operatorGroupId, type: 'Group', role: roles.grafanaEditor }
      { id: viewerGroupId, type: 'Group', role: roles.grafanaViewer }
    ]
  }
}

module metricsAccess './modules/metrics-access.bicep' = {
  name: 'metrics-access'
  params: {
    workspaceName: metrics.outputs.workspaceName
    access: [
      { id: kedaIdentity.outputs.principalId, type: 'ServicePrincipal', role: roles.monitoringDataReader }
      { id: grafana.outputs.principalId, type: 'ServicePrincipal', role: roles.monitoringDataReader }
      { id: operatorGroupId, type: 'Group', role: roles.monitoringDataReader }
    ]
  }
}

module alerts './modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    prefix: prefix
    location: location
    tags: tags
    metricsWorkspaceId: metrics.outputs.workspaceId
    clusterName: cluster.outputs.name
    email: alertEmail
    runbooksUrl: runbooksUrl
  }
}

module certificateAlerts './modules/certificate-alerts.bicep' = {
  name: 'certificate-alerts'
  params: {
    name: '${prefix}-certificates'
    location: location
    tags: tags
    vaultId: certificates.outputs.id
    actionGroupId: alerts.outputs.actionGroupId
  }
}

output ACR_LOGIN_SERVER string = registry.outputs.loginServer
output TENANT_ID string = subscription().tenantId
output GATEWAY_CLIENT_ID string = gatewayIdentity.outputs.clientId
output TRITON_CLIENT_ID string = tritonIdentity.outputs.clientId
output CONVERTER_CLIENT_ID string = converterIdentity.outputs.clientId
output KEDA_CLIENT_ID string = kedaIdentity.outputs.clientId
output PUBLIC_CLIENT_ID string = publicIdentity.outputs.clientId
output KEY_VAULT_NAME string = keys.outputs.name
output STORAGE_ACCOUNT string = modelStore.outputs.name
output PROMETHEUS_ENDPOINT string = metrics.outputs.queryEndpoint
output HOSTNAME string = hostname
output CERTIFICATE_URI string = '${certificates.outputs.uri}certificates/${certificateName}'
