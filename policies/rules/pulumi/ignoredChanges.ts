/** PUL-01: nothing of the gate may drift unseen. */
import { pass, violation } from "../../harness/outcome";
import type { ExampleResource, ResourceRule } from "../../harness/rule";

/**
 * Types that the gate is made of, and the properties of each in which a change by hand would open it. What is ignored
 * elsewhere, for instance the image tag of a task that a pipeline deploys, is none of this rule's business.
 */
const guarded: Readonly<Record<string, readonly string[]>> = {
    "aws:codepipeline/pipeline:Pipeline": [
        "stages",
        "roleArn",
        "artifactStores",
        "triggers",
        "executionMode",
    ],
    "aws:codepipeline/webhook:Webhook": ["authentication", "filters"],
    "aws:codebuild/project:Project": ["source", "environment", "serviceRole", "secondarySources"],
    "aws:codebuild/webhook:Webhook": ["filterGroups"],
    "aws:ecr/repository:Repository": [
        "imageScanningConfiguration",
        "imageTagMutability",
        "imageTagMutabilityExclusionFilters",
    ],
    "aws:ecr/repositoryPolicy:RepositoryPolicy": ["policy"],
    "aws:ecr/registryPolicy:RegistryPolicy": ["policy"],
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ["policy"],
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": ["rules", "scanType"],
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": ["replicationConfiguration"],
    "aws:inspector2/enabler:Enabler": ["resourceTypes"],
    "aws:iam/role:Role": ["assumeRolePolicy", "inlinePolicies", "managedPolicyArns", "permissionsBoundary"],
    "aws:iam/policy:Policy": ["policy"],
    "aws:iam/rolePolicy:RolePolicy": ["policy"],
    "aws:iam/userPolicy:UserPolicy": ["policy"],
    "aws:iam/groupPolicy:GroupPolicy": ["policy"],
    "aws:lambda/function:Function": ["environment", "role", "layers", "reservedConcurrentExecutions"],
    "aws:lambda/permission:Permission": ["principal", "sourceArn"],
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": ["destinationConfig"],
    "aws:lambda/eventSourceMapping:EventSourceMapping": ["enabled", "filterCriteria", "destinationConfig"],
    "aws:cloudwatch/eventRule:EventRule": ["eventPattern", "state", "isEnabled"],
    "aws:cloudwatch/eventTarget:EventTarget": ["arn", "inputTransformer", "deadLetterConfig"],
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": ["policy"],
    "aws:cloudwatch/metricAlarm:MetricAlarm": ["alarmActions", "actionsEnabled", "threshold"],
    "aws:scheduler/schedule:Schedule": ["state", "target"],
    "aws:sns/topic:Topic": ["policy"],
    "aws:sns/topicPolicy:TopicPolicy": ["policy"],
    "aws:sns/topicSubscription:TopicSubscription": ["filterPolicy", "redrivePolicy", "endpoint"],
    "aws:sqs/queue:Queue": ["policy", "redrivePolicy"],
    "aws:sqs/queuePolicy:QueuePolicy": ["policy"],
    "aws:sqs/redrivePolicy:RedrivePolicy": ["redrivePolicy"],
    "aws:dynamodb/table:Table": ["ttl", "pointInTimeRecovery", "deletionProtectionEnabled"],
    "aws:dynamodb/resourcePolicy:ResourcePolicy": ["policy"],
    "aws:s3/bucket:Bucket": ["policy", "versioning"],
    "aws:s3/bucketV2:BucketV2": ["policy", "versionings"],
    "aws:s3/bucketPolicy:BucketPolicy": ["policy"],
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": ["rule"],
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ],
    "aws:kms/key:Key": ["policy", "enableKeyRotation", "isEnabled"],
    "aws:kms/keyPolicy:KeyPolicy": ["policy"],
    "aws:secretsmanager/secretPolicy:SecretPolicy": ["policy"],
};

/** First name of a property path: `stages[0].actions`, `["stages"]` and `stages` are all the stages. */
function topOf(path: string): string {
    return /^\[?["']?(?<name>\*|[A-Za-z_]\w*)/.exec(path.trim())?.groups?.["name"] ?? path;
}

const ignoring = (type: string, ...ignoreChanges: string[]): ExampleResource[] => [
    { type, name: "subject", props: {}, ignoreChanges },
];
const found = [{ resource: "subject", kind: "violation" as const }];
const refused: [title: string, type: string, ...ignoreChanges: string[]][] = [
    ["a pipeline's stages", "aws:codepipeline/pipeline:Pipeline", "stages"],
    ["one stage, by its path", "aws:codepipeline/pipeline:Pipeline", "tags", "stages[2].actions[0].configuration"],
    ["the stages in brackets", "aws:codepipeline/pipeline:Pipeline", '["stages"]'],
    ["everything", "aws:codepipeline/pipeline:Pipeline", "*"],
    ["a role's trust policy", "aws:iam/role:Role", "assumeRolePolicy"],
    ["a bucket's policy", "aws:s3/bucketPolicy:BucketPolicy", "policy"],
    ["scan on push", "aws:ecr/repository:Repository", "imageScanningConfiguration.scanOnPush"],
    ["whether tags move", "aws:ecr/repository:Repository", "imageTagMutability"],
    ["a build's commands", "aws:codebuild/project:Project", "source"],
    ["a function's limits", "aws:lambda/function:Function", "environment"],
    ["what starts the gate", "aws:cloudwatch/eventRule:EventRule", "eventPattern"],
    ["where failed events go", "aws:sqs/queue:Queue", "redrivePolicy"],
    ["what the registry scans", "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", "rules"],
]; // prettier-ignore

export const ignoredChanges: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PUL-01",
        family: "pulumi",
        title: "No change of the gate is ignored",
        rationale:
            "What ignoreChanges names is never compared again: whoever opens the gate by hand there has opened it for good, and each preview says that all is well.",
        severity: "critical",
        remediation:
            "Take the property out of `ignoreChanges`; ignore single harmless ones such as `tags` or `desiredCount` only.",
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-10"],
        neverExempt: true,
    },
    types: Object.keys(guarded),
    evaluate: (resource) => {
        const properties = guarded[resource.type] ?? [];
        const outcomes = resource.ignoreChanges
            .filter((path) => topOf(path) === "*" || properties.includes(topOf(path)))
            .map((path) =>
                violation(
                    `The resource option ignoreChanges contains ${path}: a change of it that opens the gate would stay, and be seen by nobody.`,
                    `Remove ${path} from ignoreChanges.`,
                    { findingId: path },
                ),
            );
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        ...refused.map(([title, type, ...ignoreChanges]) => ({
            title: `ignored: ${title}`,
            shows: "bad" as const,
            resources: ignoring(type, ...ignoreChanges),
            expect: found,
        })),
        {
            title: "tags are ignored",
            shows: "good",
            resources: ignoring("aws:codepipeline/pipeline:Pipeline", "tags"),
            expect: [],
        },
        {
            title: "what a pipeline deploys is ignored",
            shows: "good",
            resources: [
                ...ignoring("aws:ecs/service:Service", "taskDefinition", "desiredCount"),
                ...ignoring("aws:lambda/function:Function", "imageUri").map((each) => ({
                    ...each,
                    name: "second",
                })),
            ],
            expect: [],
        },
        {
            title: "nothing is ignored",
            shows: "absent",
            resources: ignoring("aws:codepipeline/pipeline:Pipeline"),
            expect: [],
        },
    ],
};
