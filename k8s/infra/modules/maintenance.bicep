// When the cluster may change by itself: one night a week for Kubernetes patches, one for node images, and AKS' own
// releases with them.

param clusterName string
param day string
param nodesDay string

@description('HH:mm, at the offset from UTC.')
param startTime string
param utcOffset string

var hours = 6 // Two pools, one node after the other, 5 minutes of soak each; 4 hours is the least that AKS takes.

resource cluster 'Microsoft.ContainerService/managedClusters@2026-08-01' existing = {
  name: clusterName
}

resource kubernetes 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations@2026-08-01' = {
  parent: cluster
  name: 'aksManagedAutoUpgradeSchedule'
  properties: {
    maintenanceWindow: {
      durationHours: hours
      startTime: startTime
      utcOffset: utcOffset
      schedule: {
        weekly: {
          intervalWeeks: 1
          dayOfWeek: day
        }
      }
    }
  }
}

resource nodeImages 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations@2026-08-01' = {
  parent: cluster
  name: 'aksManagedNodeOSUpgradeSchedule'
  properties: {
    maintenanceWindow: {
      durationHours: hours
      startTime: startTime
      utcOffset: utcOffset
      schedule: {
        weekly: {
          intervalWeeks: 1
          dayOfWeek: nodesDay
        }
      }
    }
  }
}

resource releases 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations@2026-08-01' = {
  parent: cluster
  name: 'default'
  properties: {
    maintenanceWindow: {
      durationHours: hours
      startTime: startTime
      utcOffset: utcOffset
      schedule: {
        weekly: {
          intervalWeeks: 1
          dayOfWeek: day
        }
      }
    }
  }
}
