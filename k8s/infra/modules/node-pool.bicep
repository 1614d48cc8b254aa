// A pool of nodes for scoring. Labels and taints go through the AKS API: set on nodes, they would be lost with the next
// node, and the autoscaler would not know them while the pool is empty.

param clusterName string
param name string
param kubernetesVersion string
param vmSize string
param osDiskType string
param zones array
param subnetId string
param minCount int
param maxCount int

@description('Value of the label realtime-scoring/pool, by which pods choose.')
param label string

@description('Taints that keep others away, as key=value:effect.')
param taints array

@description('Install the NVIDIA driver.')
param gpu bool

resource cluster 'Microsoft.ContainerService/managedClusters@2026-08-01' existing = {
  name: clusterName
}

resource pool 'Microsoft.ContainerService/managedClusters/agentPools@2026-08-01' = {
  parent: cluster
  name: name
  properties: {
    mode: 'User'
    type: 'VirtualMachineScaleSets'
    orchestratorVersion: kubernetesVersion
    vmSize: vmSize
    osType: 'Linux'
    osSKU: 'AzureLinux'
    osDiskType: osDiskType
    availabilityZones: zones
    vnetSubnetID: subnetId
    enableNodePublicIP: false
    enableEncryptionAtHost: true
    enableAutoScaling: true
    minCount: minCount // No `count`: it would take the pool back to its first size with every deployment.
    maxCount: maxCount
    scaleDownMode: 'Delete' // A stopped node still costs its disk, and ephemeral disks cannot be stopped.
    maxPods: 110
    nodeLabels: {
      'realtime-scoring/pool': label
    }
    nodeTaints: taints
    // From Kubernetes 1.37 on, AKS would put a DNS proxy on every node ("Configure LocalDNS"). Pods would ask it and not
    // kube-dns, and the policies of the namespace let them ask kube-dns alone: change both together.
    localDNSProfile: {
      mode: 'Disabled'
    }
    kubeletConfig: {
      // Pods with whole cores and requests equal to limits get cores of their own: engines that count threads by cores are
      // neither throttled nor moved. Cannot be changed later: a pool with other settings is a new pool.
      cpuManagerPolicy: 'static'
      topologyManagerPolicy: 'best-effort' // Cores and GPU on the same NUMA node where there are several.
      containerLogMaxSizeMB: 50
      containerLogMaxFiles: 5
      podMaxPids: 1024 // Triton and OpenVINO start some hundred threads; a fork bomb ends here.
    }
    gpuProfile: gpu ? { driver: 'Install' } : null
    securityProfile: {
      // NVIDIA's driver is built on the node and signed by nobody: secure boot would refuse it.
      enableSecureBoot: !gpu
      enableVTPM: !gpu
      sshAccess: 'Disabled'
    }
    upgradeSettings: {
      maxSurge: '1' // One node more than the pool has: for GPUs that is one of quota that must be free.
      drainTimeoutInMinutes: 15
      nodeSoakDurationInMinutes: 5 // Long enough for alerts to notice a node image that scores badly.
      undrainableNodeBehavior: 'Cordon' // A node that does not drain keeps serving and is reported, instead of failing all.
    }
  }
}
