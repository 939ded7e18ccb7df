/** ECS-06, resource half: every container writes a log. */
import { expectValue } from "../../harness/expectation";
import { nested } from "../../harness/nested";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type PropertyReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleTask, judgeContainers, taskDefinitionType } from "./containers";

export const loggingMetadata: RuleMetadata = {
    id: "ECS-06",
    family: "ecs",
    title: "Every container logs, to a log group that is kept for a set time",
    rationale:
        "Without a log nobody can tell what a container did; a log group that nobody declares keeps everything for ever, or is gone with the service.",
    severity: "medium",
    remediation:
        "Give every container a `logConfiguration` with a driver, for `awslogs` also `awslogs-group`, and declare that `aws.cloudwatch.LogGroup` with `retentionInDays`. A group outside the stack goes into the setting `externalReferences`.",
    references: ["FSBP ECS.9", "cdk-nag AwsSolutions-ECS7"],
};

function judgeGroupName(definition: PropertyReader, name: string): Outcome {
    const group = filled(definition.string("logConfiguration", "options", "awslogs-group"));
    if (group.kind === "unknown") return inconclusive(group, `where container ${name} logs is not known yet`);
    if (group.kind === "known") return pass;
    return violation(
        `Container ${name} uses awslogs and names no log group (${group.property} is not set).`,
        'Set logConfiguration.options["awslogs-group"] to the name of an aws.cloudwatch.LogGroup.',
        { findingId: `${name}|group` },
    );
}

const awslogs = {
    logDriver: "awslogs",
    options: { "awslogs-group": "/app", "awslogs-region": "eu-west-1" },
};
const container = (logConfiguration?: unknown) => ({ name: "engine", logConfiguration });

export const logging: ResourceRule = {
    level: "resource",
    metadata: loggingMetadata,
    types: [taskDefinitionType],
    evaluate: (task) =>
        judgeContainers(task, (definition, name) => {
            const driver = nested(definition, "logConfiguration", (inner) => inner.string("logDriver"));
            const judged = expectValue(driver, {
                accepts: (value) => value.trim() !== "" && value.toLowerCase() !== "none",
                consequence: `container ${name} leaves no log`,
                fix: 'Set logConfiguration: { logDriver: "awslogs", options: { … } }.',
                findingId: name,
            });
            return judged.kind === "pass" && valueOf(driver)?.toLowerCase() === "awslogs"
                ? [judgeGroupName(definition, name)]
                : [judged];
        }),
    examples: [
        badExample("the log is thrown away", [exampleTask([container({ logDriver: "none" })])], "task"),
        badExample("awslogs without a group", [exampleTask([container({ logDriver: "awslogs" })])], "task"),
        goodExample("awslogs", [exampleTask([container(awslogs)])]),
        goodExample("another driver", [exampleTask([container({ logDriver: "awsfirelens" })])]),
        absentExample("no log configuration", [exampleTask([container()])], "task"),
        openExample("definitions not known yet", [exampleTask(unknown)], "task"),
        {
            title: "the first container not known yet does not hide the second",
            shows: "unknown",
            resources: [exampleTask([container(unknown), container()])],
            expect: [
                { resource: "task", kind: "inconclusive" },
                { resource: "task", kind: "violation" },
            ],
        },
    ],
};
