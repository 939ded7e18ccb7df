/** A complete approval gate for the examples of rules: a topic, two functions, a table, a rule for scan events, queues. */
import type { ExampleResource } from "../harness/rule";
import { registryScanningType } from "../rules/ecr/repository";
import {
    allow,
    approvalAction,
    buildBuildspec,
    buildStep,
    deployStep,
    pipelineExample,
    projectExample,
    pushActions,
    repositoryArnExample,
    repositoryExample,
    roleExample,
    stageExample,
} from "../pipeline/exampleResources";
import { gateRoleTag } from "../pipeline/project";
import {
    alarmType,
    eventRuleType,
    eventSourceMappingType,
    eventTargetType,
    functionType,
    permissionType,
    queuePolicyType,
    queueType,
    subscriptionType,
    tableType,
    topicPolicyType,
    topicType,
} from "./resourceTypes";

type Properties = Record<string, unknown>;

/** Literal ARNs of the example; every one ends in a physical name of it. */
const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
export const exampleArns = {
    pipeline: arn("codepipeline", "demo"),
    pipelineRole: "arn:aws:iam::123456789012:role/pipeline-role",
    approval: arn("codepipeline", "demo/Approve/Approve"),
    topic: arn("sns", "demo-approvals"),
    recorder: arn("lambda", "function:recorder"),
    decider: arn("lambda", "function:decider"),
    recorderQueue: arn("sqs", "recorder-failed"),
    deciderQueue: arn("sqs", "decider-failed"),
    table: arn("dynamodb", "table/demo-approvals"),
    stream: arn("dynamodb", "table/demo-approvals/stream/2026-01-01T00:00:00.000"),
    rule: arn("events", "rule/demo-scans"),
    alarms: arn("sns", "demo-alarms"),
    stagingRepository: arn("ecr", "repository/demo/staging"),
} as const;

/** A resource whose logical and physical names are the same. */
export function exampleOf(type: string, name: string, props: Properties = {}): ExampleResource {
    return { type, name, props: { name, ...props } };
}

/** The same resource with some properties changed; undefined takes one away. */
export function changed(resource: ExampleResource, props: Properties): ExampleResource {
    const entries = Object.entries({ ...resource.props, ...props });
    return { ...resource, props: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) };
}

/** A function and the role that it runs as, `<name>-role`. */
export function functionExample(name: string, more: Properties = {}): ExampleResource {
    return exampleOf(functionType, name, {
        role: `arn:aws:iam::123456789012:role/${name}-role`,
        runtime: "nodejs24.x",
        reservedConcurrentExecutions: 2,
        timeout: 60,
        deadLetterConfig: { targetArn: arn("sqs", `${name}-failed`) },
        tags: { [gateRoleTag]: name },
        ...more,
    });
}

/** May CloudWatch, EventBridge or SNS start the function? */
export function permissionExample(
    name: string,
    functionName: string,
    service: string,
    source: unknown,
): ExampleResource {
    return {
        type: permissionType,
        name,
        props: {
            function: functionName,
            action: "lambda:InvokeFunction",
            principal: `${service}.amazonaws.com`,
            ...(source === undefined ? {} : { sourceArn: source }),
        },
    };
}

/** A queue that EventBridge and SNS may send to. */
function queueExamples(name: string): ExampleResource[] {
    const policy = {
        Statement: [
            {
                Effect: "Allow",
                Principal: { Service: ["events.amazonaws.com", "sns.amazonaws.com"] },
                Action: "sqs:SendMessage",
                Resource: arn("sqs", name),
            },
        ],
    };
    const url = `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}`;
    return [
        // The provider answers with "" for what is not set.
        { ...exampleOf(queueType, name), computed: { url, policy: "", redrivePolicy: "" } },
        {
            type: queuePolicyType,
            name: `${name}-policy`,
            props: { queueUrl: url, policy: JSON.stringify(policy) },
        },
    ];
}

function alarmExample(name: string, namespace: string, metricName: string, dimensions: Properties) {
    return exampleOf(alarmType, name, {
        namespace,
        metricName,
        dimensions,
        statistic: "Sum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        period: 60,
        evaluationPeriods: 1,
        alarmActions: [exampleArns.alarms],
    });
}

/** The policy that lets only the pipelines publish to the topic. */
export function topicPolicyText(...roleArns: string[]): string {
    return JSON.stringify({
        Statement: [
            {
                Effect: "Allow",
                Principal: { AWS: "arn:aws:iam::123456789012:root" },
                Action: "sns:Publish",
                Resource: exampleArns.topic,
                Condition: { ArnEquals: { "aws:PrincipalArn": roleArns } },
            },
            {
                Effect: "Deny",
                Principal: "*",
                Action: "sns:Publish",
                Resource: exampleArns.topic,
                Condition: { ArnNotEquals: { "aws:PrincipalArn": roleArns } },
            },
        ],
    });
}

/** What Amazon Inspector sends when a scan of the staging repository has ended. */
export const scanPattern = {
    source: ["aws.inspector2"],
    "detail-type": ["Inspector2 Scan"],
    detail: { "repository-name": [exampleArns.stagingRepository] },
};

/** The same from Amazon ECR's basic scanning. */
export const basicScanPattern = {
    source: ["aws.ecr"],
    "detail-type": ["ECR Image Scan"],
    detail: { "repository-name": ["demo/staging"] },
};

export const topicExample = exampleOf(topicType, "demo-approvals");
export const topicPolicyExample: ExampleResource = {
    type: topicPolicyType,
    name: "topic-policy",
    props: { arn: exampleArns.topic, policy: topicPolicyText(exampleArns.pipelineRole) },
};
export const subscriptionExample: ExampleResource = {
    type: subscriptionType,
    name: "recorder-subscription",
    props: { topic: exampleArns.topic, protocol: "lambda", endpoint: exampleArns.recorder },
};
export const recorderExample = functionExample("recorder");
export const deciderExample = functionExample("decider", {
    environment: { variables: { CRITICAL_LIMIT: "0", HIGH_LIMIT: "0", MEDIUM_LIMIT: "20" } },
});
export const recorderRoleExample = roleExample(
    "recorder-role",
    [
        allow(["dynamodb:PutItem", "dynamodb:GetItem"], exampleArns.table),
        allow("sqs:SendMessage", exampleArns.recorderQueue),
    ],
    "recorder",
);

/** The decider's role, with these statements for answering. */
export function deciderRoleExample(...answers: Properties[]): ExampleResource {
    return roleExample(
        "decider-role",
        [
            ...answers,
            allow(["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"], exampleArns.table),
            allow(
                ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
                exampleArns.stream,
            ),
            allow("sqs:SendMessage", exampleArns.deciderQueue),
        ],
        "decider",
    );
}

export const answerStatement = allow("codepipeline:PutApprovalResult", exampleArns.approval);
export const scanRuleExample = exampleOf(eventRuleType, "demo-scans", {
    eventPattern: JSON.stringify(scanPattern),
});
export const scanTargetExample: ExampleResource = {
    type: eventTargetType,
    name: "decider-target",
    props: {
        rule: "demo-scans",
        arn: exampleArns.decider,
        deadLetterConfig: { arn: exampleArns.deciderQueue },
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 20 },
    },
};
export const tableExample = exampleOf(tableType, "demo-approvals-table", {
    name: "demo-approvals",
    hashKey: "digest",
    rangeKey: "record",
    streamEnabled: true,
    streamViewType: "NEW_IMAGE",
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true, kmsKeyArn: arn("kms", "key/1") },
    ttl: { attributeName: "expires", enabled: true },
    deletionProtectionEnabled: true,
});
export const streamMappingExample: ExampleResource = {
    type: eventSourceMappingType,
    name: "decider-stream",
    props: {
        eventSourceArn: exampleArns.stream,
        functionName: "decider",
        startingPosition: "TRIM_HORIZON",
        destinationConfig: { onFailure: { destinationArn: exampleArns.deciderQueue } },
    },
};
export const registryExample: ExampleResource = {
    type: registryScanningType,
    name: "registry",
    props: {
        scanType: "ENHANCED",
        rules: [
            {
                scanFrequency: "CONTINUOUS_SCAN",
                repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }],
            },
        ],
    },
};

/** Build, Approve, Deploy: the scan is the registry's own, so there is no action for it. */
export const gateStages = [
    stageExample("Build", buildStep),
    stageExample("Approve", approvalAction({ NotificationArn: exampleArns.topic })),
    stageExample("Deploy", deployStep),
];

/** The pipeline of the gate, with these stages. */
export function gatePipelineExample(stages: unknown = gateStages): ExampleResource {
    return pipelineExample(stages, { roleArn: exampleArns.pipelineRole });
}

const standard: ExampleResource[] = [
    gatePipelineExample(),
    projectExample("build", buildBuildspec, "builder"),
    roleExample("build-role", [allow(pushActions, repositoryArnExample("staging"))], "builder"),
    roleExample("pipeline-role", [allow("sns:Publish", exampleArns.topic)]),
    topicExample,
    topicPolicyExample,
    subscriptionExample,
    permissionExample("topic-starts-recorder", "recorder", "sns", exampleArns.topic),
    recorderExample,
    recorderRoleExample,
    deciderExample,
    deciderRoleExample(answerStatement),
    scanRuleExample,
    scanTargetExample,
    permissionExample("rule-starts-decider", "decider", "events", exampleArns.rule),
    tableExample,
    streamMappingExample,
    ...queueExamples("recorder-failed"),
    ...queueExamples("decider-failed"),
    registryExample,
    repositoryExample("staging", "staging"),
    exampleOf(topicType, "demo-alarms"),
    ...["recorder", "decider"].flatMap((name) => [
        alarmExample(`${name}-errors`, "AWS/Lambda", "Errors", { FunctionName: name }),
        alarmExample(`${name}-queue`, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {
            QueueName: `${name}-failed`,
        }),
    ]),
];

/** The complete gate; resources of the same name take the place of its own, others come after them. */
export function gateStack(...replacements: ExampleResource[]): ExampleResource[] {
    const byName = new Map(replacements.map((resource) => [resource.name, resource]));
    const kept = standard.map((resource) => byName.get(resource.name) ?? resource);
    return [
        ...kept,
        ...replacements.filter(({ name }) => !standard.some((resource) => resource.name === name)),
    ];
}

/** The complete gate without the resources of these names. */
export function gateStackWithout(...names: string[]): ExampleResource[] {
    return standard.filter(({ name }) => !names.includes(name));
}
