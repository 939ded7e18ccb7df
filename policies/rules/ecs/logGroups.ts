/** ECS-06, stack half: the log groups of containers are declared and have a retention. */
import { expectValue } from "../../harness/expectation";
import { about, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { containersOf, exampleTask, taskDefinitionType } from "./containers";
import { loggingMetadata } from "./logging";

export const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

function judgeContainer(graph: StackGraph, container: PropertyReader): Outcome[] {
    if (!is(container.string("logConfiguration", "logDriver"), "awslogs")) return [];
    const group = filled(container.string("logConfiguration", "options", "awslogs-group"));
    if (group.kind !== "known") return [];
    const name = valueOf(container.string("name")) ?? container.property;
    const reference = graph.referenceOfValue(group.value, group.property, [logGroupType]);
    if (reference.kind === "external") return [];
    if (reference.kind !== "exact") {
        return [
            violation(
                `Container ${name} logs to ${group.value}, which the stack does not declare, so nobody sets how long it is kept.`,
                "Declare it as an aws.cloudwatch.LogGroup with retentionInDays, or name it in the setting externalReferences.",
                { findingId: name },
            ),
        ];
    }
    return [
        expectValue(reference.resource.number("retentionInDays"), {
            accepts: (days) => days > 0,
            consequence: `log group ${reference.resource.name} of container ${name} is kept for ever`,
            fix: "Set retentionInDays of the log group.",
            findingId: name,
        }),
    ];
}

function judgeTask(graph: StackGraph, task: ResourceReader): Outcome[] {
    const containers = containersOf(task);
    if (containers.kind !== "known") return [notApplicable("the resource half judges what cannot be read")];
    const outcomes = containers.value.flatMap((container) => judgeContainer(graph, container));
    return outcomes.length > 0 ? outcomes : [pass];
}

const task = (...groups: string[]): ExampleResource =>
    exampleTask(
        groups.map((group) => ({
            name: group,
            logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": group } },
        })),
    );
const logGroup = (name: string, retentionInDays?: unknown): ExampleResource => ({
    type: logGroupType,
    name,
    props: { name, retentionInDays },
});

export const logGroups: StackRule = {
    level: "stack",
    metadata: loggingMetadata,
    relevantTypes: [taskDefinitionType],
    evaluate: (graph) =>
        graph.ofType(taskDefinitionType).flatMap((each) => about(each, ...judgeTask(graph, each))),
    examples: [
        badExample("kept for ever", [logGroup("app", 0), task("app")], "task"),
        badExample("one of two groups is not declared", [logGroup("app", 30), task("app", "other")], "task"),
        goodExample("declared and kept for a month", [logGroup("app", 30), task("app")]),
        {
            title: "declared to be elsewhere",
            shows: "good",
            configuration: { externalReferences: ["/shared/*"] },
            resources: [task("/shared/app")],
            expect: [],
        },
        goodExample("another driver", [
            exampleTask([{ name: "engine", logConfiguration: { logDriver: "awsfirelens" } }]),
        ]),
        absentExample("no retention", [logGroup("app"), task("app")], "task"),
        openExample("retention not known yet", [logGroup("app", unknown), task("app")], "task"),
    ],
};
