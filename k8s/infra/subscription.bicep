// What belongs to a subscription and not to a resource group: Microsoft Defender's plans. They are bought for all
// resources of a kind in the subscription, whoever owns them, so this is a deployment of its own, for who answers for the
// subscription:
//   az deployment sub create --location westeurope --template-file k8s/infra/subscription.bicep
// The cluster's sensor is installed without it, but reports nothing until the plan Containers is on.
targetScope = 'subscription'

@description('Plans to switch on. Containers: images in the registry and what runs in the cluster; KeyVaults and StorageAccounts: unusual access.')
param plans array = ['Containers', 'KeyVaults', 'StorageAccounts']

// One after the other: Azure refuses two changes of plans at a time.
@batchSize(1)
resource pricings 'Microsoft.Security/pricings@2024-01-01' = [
  for plan in plans: {
    name: plan
    properties: {
      pricingTier: 'Standard'
      subPlan: plan == 'StorageAccounts' ? 'DefenderForStorageV2' : (plan == 'KeyVaults' ? 'PerKeyVault' : null)
    }
  }
]
