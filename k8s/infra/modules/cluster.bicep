// The cluster and its system pool. The pools that score come from node-pool.bicep.

param prefix string
param location string
param tags object

@description('Minor version: patches come by themselves.')
param kubernetesVersion string
param zones array
param vmSize string
param nodesSubnetId string
param apiServerSubnetId string
param controlPlaneIdentityId string
param kubeletIdentityId string
param kubeletClientId string
param kubeletPrincipalId string
param logsWorkspaceId string

@description('Network policies may name hosts outside the cluster.')
param policiesByName bool

@description('Address ranges that reach the API server; none: it is private.')
param operatorIpRanges array

var private = empty(operatorIpRanges)

resource cluster 'Microsoft.ContainerService/managedClusters@2026-08-01' = {
  name: '${prefix}-cluster'
  location: location
  tags: tags
  sku: {
    name: 'Base'
    tier: 'Standard' // 99.95 % for the API server over zones; Free promises nothing.
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${controlPlaneIdentityId}': {}
    }
  }
  properties: {
    kubernetesVersion: kubernetesVersion
    dnsPrefix: prefix
    nodeResourceGroup: '${prefix}-nodes-${uniqueString(resourceGroup().id)}'
    nodeResourceGroupProfile: {
      restrictionLevel: 'ReadOnly' // What AKS made there, AKS alone changes.
    }
    enableRBAC: true
    disableLocalAccounts: true // No certificate that outlives a leaver: everyone comes with Entra ID.
    aadProfile: {
      managed: true
      enableAzureRBAC: true
      tenantID: subscription().tenantId
    }
    oidcIssuerProfile: {
      enabled: true
    }
    apiServerAccessProfile: {
      enableVnetIntegration: true // Nodes reach it inside the network, whoever else may.
      subnetId: apiServerSubnetId
      enablePrivateCluster: private
      authorizedIPRanges: private ? null : operatorIpRanges
      disableRunCommand: !private // The only way into a private cluster without a VPN; Azure RBAC guards it.
    }
    identityProfile: {
      kubeletidentity: {
        resourceId: kubeletIdentityId
        clientId: kubeletClientId
        objectId: kubeletPrincipalId
      }
    }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        type: 'VirtualMachineScaleSets'
        orchestratorVersion: kubernetesVersion
        vmSize: vmSize
        osType: 'Linux'
        osSKU: 'AzureLinux'
        osDiskType: 'Ephemeral'
        availabilityZones: zones
        enableAutoScaling: true
        minCount: 2
        maxCount: 4
        maxPods: 110
        vnetSubnetID: nodesSubnetId
        enableNodePublicIP: false
        enableEncryptionAtHost: true
        nodeTaints: ['CriticalAddonsOnly=true:NoSchedule'] // Add-ons, KEDA and DNS never compete with scoring for cores.
        securityProfile: {
          enableSecureBoot: true
          enableVTPM: true
          sshAccess: 'Disabled'
        }
        upgradeSettings: {
          maxSurge: '1'
          drainTimeoutInMinutes: 15
        }
      }
    ]
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkDataplane: 'cilium'
      networkPolicy: 'cilium' // The default-deny policies of the namespace are kept by it.
      // Filtering by name is the one part of Advanced Container Networking Services that is asked for.
      advancedNetworking: policiesByName ? {
        enabled: true
        observability: {
          enabled: false
        }
        security: {
          enabled: true
          advancedNetworkPolicies: 'FQDN'
        }
      } : null
      podCidr: '10.244.0.0/16'
      serviceCidr: '10.245.0.0/16'
      dnsServiceIP: '10.245.0.10'
      loadBalancerSku: 'standard'
      outboundType: 'userAssignedNATGateway'
    }
    // Application routing: Istio's gateway behind the Gateway API, and the operator that brings certificates out of Key
    // Vault. No NGINX: it is retired.
    ingressProfile: {
      gatewayAPI: {
        installation: 'Standard'
      }
      webAppRouting: {
        enabled: true
        nginx: {
          defaultIngressControllerType: 'None'
        }
        gatewayAPIImplementations: {
          appRoutingIstio: {
            mode: 'Enabled'
          }
        }
      }
    }
    workloadAutoScalerProfile: {
      keda: {
        enabled: true
      }
    }
    autoScalerProfile: {
      // A node's price decides between pools that fit; pods choose their pool by label anyway.
      expander: 'least-waste'
      // Every Triton holds its models in an emptyDir: with the default, true, no node would ever be given back.
      'skip-nodes-with-local-storage': 'false'
      // Longer than the 60 s in which a Triton stops, and far below the default of 10 minutes: a pod that hangs is let go.
      'max-graceful-termination-sec': '120'
      // A node takes 3 to 5 minutes to come, one with a GPU up to 10: giving it back after 10 quiet minutes costs less than
      // calling it again.
      'scale-down-unneeded-time': '10m'
      'scale-down-delay-after-add': '10m'
      // GPUs are at times not to be had: after 15 minutes the pod waits for another pool's node instead.
      'max-node-provision-time': '15m'
      // Pods of 5 of 8 cores leave a node half empty by design: only what is nearly empty is packed elsewhere.
      'scale-down-utilization-threshold': '0.4'
      'scan-interval': '10s'
    }
    autoUpgradeProfile: {
      upgradeChannel: 'patch'
      nodeOSUpgradeChannel: 'NodeImage' // The only channel that reaches GPU nodes with Azure Linux.
    }
    azureMonitorProfile: {
      metrics: {
        enabled: true
      }
    }
    addonProfiles: {
      omsagent: {
        enabled: true
        config: {
          logAnalyticsWorkspaceResourceID: logsWorkspaceId
          useAADAuth: 'true'
        }
      }
      azureKeyvaultSecretsProvider: {
        enabled: true
        config: {
          enableSecretRotation: 'true'
          rotationPollInterval: '2m' // A new API key counts within two minutes, a revoked one no longer does.
        }
      }
      azurepolicy: {
        enabled: true
      }
    }
    securityProfile: {
      workloadIdentity: {
        enabled: true
      }
      imageCleaner: {
        enabled: true
        intervalHours: 168
      }
      defender: {
        logAnalyticsWorkspaceResourceId: logsWorkspaceId
        securityMonitoring: {
          enabled: true
        }
      }
    }
    storageProfile: {
      // Nothing here mounts a volume of Azure: drivers that are not there cannot be attacked.
      diskCSIDriver: {
        enabled: false
      }
      fileCSIDriver: {
        enabled: false
      }
      blobCSIDriver: {
        enabled: false
      }
      snapshotController: {
        enabled: false
      }
    }
    metricsProfile: {
      costAnalysis: {
        enabled: true
      }
    }
  }
}

output name string = cluster.name
output issuerUrl string = cluster.properties.oidcIssuerProfile.issuerURL
