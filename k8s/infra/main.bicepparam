// Parameters of one deployment. Copy this file for another one; README.md explains each.
using './main.bicep'

param hostname = 'scoring.example.com'
param alertEmail = 'on-call@example.com'

// Object IDs: az ad group show --group NAME --query id --output tsv
param adminGroupId = readEnvironmentVariable('ADMIN_GROUP_ID')
param deployerGroupId = readEnvironmentVariable('DEPLOYER_GROUP_ID')
param operatorGroupId = readEnvironmentVariable('OPERATOR_GROUP_ID')
param viewerGroupId = readEnvironmentVariable('VIEWER_GROUP_ID')

// Nobody from outside. Yours: ['203.0.113.7']
param operatorIpRanges = []

// Each further line stands in main.bicep with its default. Those that cost:
param cpuMinCount = 3
param cpuMaxCount = 10
param gpuMinCount = 1
param gpuMaxCount = 3
param ddosProtectionPlan = 'none'
