/** LOG-02: what writes a log writes it where retention and key are decided. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type PathSegment, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { logGroupType, logGroupWith } from "./logGroup";

/** Producers that name their group themselves. Functions and containers have rules of their own (LAM-08, ECS-06). */
const producers: readonly { type: string; path: PathSegment[]; writes(resource: ResourceReader): boolean }[] =
    [
        {
            type: "aws:codebuild/project:Project",
            path: ["logsConfig", "cloudwatchLogs", "groupName"],
            writes: (project) =>
                valueOf(project.string("logsConfig", "cloudwatchLogs", "status")) !== "DISABLED",
        },
        {
            type: "aws:ec2/flowLog:FlowLog",
            path: ["logDestination"],
            writes: (flowLog) =>
                (valueOf(flowLog.string("logDestinationType")) ?? "cloud-watch-logs") === "cloud-watch-logs",
        },
    ];

function judge(
    graph: StackGraph,
    { path, writes }: (typeof producers)[number],
    producer: ResourceReader,
): Outcome {
    if (!writes(producer)) return notApplicable("writes no log to CloudWatch");
    const reference = graph.reference(producer, path, [logGroupType]);
    switch (reference.kind) {
        case "exact":
        case "external":
        case "candidates":
            return pass;
        case "unknown":
            return inconclusive(reference, "which log group this is, is not known yet");
        case "absent":
            return violation(
                `${reference.property} is not set: the log goes to a group that AWS makes, kept for ever and without a key of yours.`,
                "Declare an aws.cloudwatch.LogGroup and name it there.",
            );
        case "dangling":
            return violation(
                `${reference.property} names a log group that is not in the stack: nobody decided how long it keeps and who reads it.`,
                "Declare the aws.cloudwatch.LogGroup, or name it in the setting externalReferences.",
            );
    }
}

const project = (logsConfig: unknown, more: Partial<ExampleResource> = {}): ExampleResource => ({
    type: "aws:codebuild/project:Project",
    name: "project",
    props: { name: "build", logsConfig },
    ...more,
});

export const managedGroup: StackRule = {
    level: "stack",
    metadata: {
        id: "LOG-02",
        family: "logs",
        title: "Logs go to groups that the stack manages",
        rationale:
            "A group that AWS makes on the first write has no end, no key and no owner; the log of a build is evidence like its report.",
        severity: "low",
        remediation:
            "Declare an aws.cloudwatch.LogGroup with retention and key for every build project and flow log, and name it there.",
        references: ["OWASP CICD-SEC-10"],
    },
    relevantTypes: producers.map(({ type }) => type),
    evaluate: (graph) =>
        producers.flatMap((producer) =>
            graph.ofType(producer.type).flatMap((each) => about(each, judge(graph, producer, each))),
        ),
    examples: [
        badExample(
            "a group that nobody declared",
            [logGroupWith(), project({ cloudwatchLogs: { groupName: "/other" } })],
            "project",
        ),
        goodExample("a group of the stack, by name", [
            logGroupWith(),
            project({ cloudwatchLogs: { groupName: "/builds" } }),
        ]),
        goodExample("a group of the stack, by an output", [
            logGroupWith(),
            project(
                { cloudwatchLogs: { groupName: unknown } },
                { propertyDependencies: { logsConfig: ["logs"] } },
            ),
        ]),
        goodExample("no log in CloudWatch", [project({ cloudwatchLogs: { status: "DISABLED" } })]),
        {
            ...goodExample("a group from elsewhere", [
                project({ cloudwatchLogs: { groupName: "/central/builds" } }),
            ]),
            configuration: { externalReferences: ["/central/*"] },
        },
        absentExample("nothing said", [project(undefined)], "project"),
        openExample("not known yet", [project({ cloudwatchLogs: { groupName: unknown } })], "project"),
    ],
};
