/** Type tokens of databases. */
export const instanceType = "aws:rds/instance:Instance";
export const clusterType = "aws:rds/cluster:Cluster";
export const clusterInstanceType = "aws:rds/clusterInstance:ClusterInstance";
export const subnetGroupType = "aws:rds/subnetGroup:SubnetGroup";
