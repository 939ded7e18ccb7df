/**
 * Resource types that cost nothing by existing. What such a resource lets others use (traffic, storage, requests) is
 * paid there. A type that is neither here nor in the estimate is reported as unpriced, never taken for free.
 */

/** Packages whose resources never reach AWS as something to pay for. */
export const freePackages: readonly string[] = ["pulumi", "random", "tls"];

export const freeTypes: ReadonlySet<string> = new Set([
    // Network: the VPC and its parts are free; NAT gateways, addresses and interface endpoints are priced.
    "aws:ec2/vpc:Vpc",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
    "aws:ec2/defaultRouteTable:DefaultRouteTable",
    "aws:ec2/networkAcl:NetworkAcl",
    "aws:ec2/networkAclRule:NetworkAclRule",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions",
    // Identity.
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/policy:Policy",
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole",
    // Keys: the key is priced, its names and policy are not.
    "aws:kms/alias:Alias",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:kms/grant:Grant",
    // Containers: tasks on EC2 are paid as instances.
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    "aws:ecs/capacityProvider:CapacityProvider",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:autoscaling/policy:Policy",
    "aws:autoscaling/lifecycleHook:LifecycleHook",
    "aws:autoscaling/schedule:Schedule",
    "aws:appautoscaling/target:Target",
    "aws:appautoscaling/policy:Policy",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:ecr/registryPolicy:RegistryPolicy",
    // Load balancing: the load balancer is priced.
    "aws:lb/listener:Listener",
    "aws:lb/listenerRule:ListenerRule",
    "aws:lb/listenerCertificate:ListenerCertificate",
    "aws:lb/targetGroup:TargetGroup",
    "aws:lb/targetGroupAttachment:TargetGroupAttachment",
    "aws:acm/certificate:Certificate",
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:route53/record:Record",
    "aws:route53/zoneAssociation:ZoneAssociation",
    "aws:servicediscovery/service:Service",
    // Database: the instance and its storage are priced.
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/optionGroup:OptionGroup",
    // Storage settings.
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketLoggingV2:BucketLoggingV2",
    "aws:s3/bucketNotification:BucketNotification",
    // Delivery and events.
    "aws:codebuild/sourceCredential:SourceCredential",
    "aws:codebuild/webhook:Webhook",
    "aws:codepipeline/webhook:Webhook",
    "aws:codestarnotifications/notificationRule:NotificationRule",
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
    "aws:codeconnections/connection:Connection",
    "aws:codestarconnections/connection:Connection",
    "aws:codecommit/approvalRuleTemplate:ApprovalRuleTemplate",
    "aws:codecommit/approvalRuleTemplateAssociation:ApprovalRuleTemplateAssociation",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:lambda/permission:Permission",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
    "aws:lambda/alias:Alias",
    "aws:scheduler/scheduleGroup:ScheduleGroup",
    "aws:dynamodb/resourcePolicy:ResourcePolicy",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/redrivePolicy:RedrivePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
]);

/** True for a type that costs nothing by existing. */
export function isFreeType(type: string): boolean {
    return freeTypes.has(type) || freePackages.includes(type.split(":")[0] ?? "");
}
