/** SQS-02: what could not be handled is kept long enough, for the right source, and somebody is told. */
import { alarmType, functionType, queueType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type Reading, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { deadLetterUses, type DeadLetterUse } from "./deadLetterUse";
import { exampleQueueArn, queueExample, redriveAllowPolicyType } from "./queue";

const leastSeconds = 345_600;
/** How long a queue keeps messages when it is not told (Amazon SQS API, MessageRetentionPeriod). */
const defaultSeconds = 345_600;

const work = (more: Record<string, unknown> = {}) =>
    queueExample("work", { redrivePolicy: JSON.stringify({ deadLetterTargetArn: exampleQueueArn("failed"), maxReceiveCount: 5 }), ...more }); // prettier-ignore
const byQueue = {
    redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [exampleQueueArn("work")] }),
}; // prettier-ignore
const failed = (props: Record<string, unknown> = {}) =>
    queueExample("failed", { messageRetentionSeconds: 1_209_600, ...byQueue, ...props });
const alarm: ExampleResource = {
    type: alarmType,
    name: "alarm",
    props: {
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: "failed" },
    },
};
const worker: ExampleResource = {
    type: functionType,
    name: "worker",
    props: { name: "worker", deadLetterConfig: { targetArn: unknown } },
    propertyDependencies: { deadLetterConfig: ["failed"] },
};

export const deadLetterQueue: StackRule = {
    level: "stack",
    metadata: {
        id: "SQS-02",
        family: "sqs",
        title: "Queues for failed messages keep them long enough and raise an alarm",
        rationale:
            "A message that nobody could handle is the only trace of what went wrong: kept for minutes, or with nobody told, it is lost over a weekend.",
        severity: "medium",
        remediation:
            "Set `messageRetentionSeconds` to 1209600 (14 days, and never less than the source queue keeps). Set `redriveAllowPolicy` to `byQueue` with the ARN of the source queue. Add an alarm on `ApproximateNumberOfMessagesVisible`.",
        references: ["cdk-nag SQSQueueDLQ", "NIST SP 800-53 r5 AU-5"],
    },
    relevantTypes: [queueType],
    evaluate: (graph) => {
        const uses = deadLetterUses(graph);
        const watched = watchedQueues(graph);
        const allowed = separateAllowPolicies(graph);
        return graph.ofType(queueType).flatMap((queue) => {
            const all = uses.get(queue) ?? [];
            if (all.length === 0) return about(queue, notApplicable("the queue keeps no failed messages"));
            const outcomes = [
                ...judgeRetention(queue, all),
                ...judgeSources(queue, all, allowed.get(queue) ?? queue),
                ...judgeAlarm(queue, watched),
            ];
            const certain = all.some((use) => use.certain);
            if (!certain && outcomes.some(({ kind }) => kind === "violation"))
                return about(queue, inconclusive({ property: all[0]?.by.name ?? queue.name }, "whether the queue keeps failed messages is not known yet")); // prettier-ignore
            return about(queue, ...(outcomes.length > 0 ? outcomes : [pass]));
        });
    },
    examples: [
        badExample("kept for a minute", [work(), failed({ messageRetentionSeconds: 60 }), alarm], "failed"),
        badExample("kept for less than the source keeps", [work({ messageRetentionSeconds: 1_209_600 }), failed({ messageRetentionSeconds: 400_000 }), alarm], "failed"), // prettier-ignore
        badExample("any queue may send there", [work(), failed({ redriveAllowPolicy: JSON.stringify({ redrivePermission: "allowAll" }) }), alarm], "failed"), // prettier-ignore
        badExample("nobody is told", [work(), failed()], "failed"),
        badExample("of a function, and kept for a minute", [worker, failed({ messageRetentionSeconds: 60 }), alarm], "failed"), // prettier-ignore
        goodExample("kept, for one queue, with an alarm", [work(), failed(), alarm]),
        goodExample("the source is named by a resource of its own", [
            work(),
            failed({ redriveAllowPolicy: undefined }),
            {
                type: redriveAllowPolicyType,
                name: "allow",
                props: { queueUrl: unknown, redriveAllowPolicy: byQueue.redriveAllowPolicy },
                propertyDependencies: { queueUrl: ["failed"] },
            },
            alarm,
        ]),
        goodExample("of a function: no queue may send there", [worker, failed({ redriveAllowPolicy: undefined }), alarm]), // prettier-ignore
        goodExample("a queue that keeps no failed messages", [queueExample("work", { messageRetentionSeconds: 60 })]), // prettier-ignore
        absentExample("who may send there is not said", [work(), failed({ redriveAllowPolicy: undefined }), alarm], "failed"), // prettier-ignore
        openExample("how long is not known yet", [work(), failed({ messageRetentionSeconds: unknown }), alarm], "failed"), // prettier-ignore
        openExample("one of two queues", [
            { ...worker, propertyDependencies: { deadLetterConfig: ["failed", "work"] } },
            failed({ messageRetentionSeconds: 60 }),
            queueExample("work"),
            alarm,
            { ...alarm, name: "second", props: { ...alarm.props, dimensions: { QueueName: "work" } } },
        ], "failed"),
    ], // prettier-ignore
};

function judgeRetention(queue: ResourceReader, uses: readonly DeadLetterUse[]): Outcome[] {
    const kept = queue.number("messageRetentionSeconds");
    if (kept.kind === "unknown")
        return [inconclusive(kept, "how long failed messages are kept is not known yet")];
    const seconds = kept.kind === "absent" ? defaultSeconds : valueOf(kept);
    const sources = uses.flatMap(({ source }) => (source ? [source] : []));
    const longest = Math.max(leastSeconds, ...sources.map((source) => secondsOf(source.number("messageRetentionSeconds")))); // prettier-ignore
    if (seconds !== undefined && seconds >= longest) return [];
    const read = kept.kind === "malformed" ? kept.why : `is ${seconds ?? ""}`;
    return [
        violation(
            `${queue.name} keeps failed messages too short (messageRetentionSeconds ${read}; at least ${longest} are needed: four days, and as long as their source keeps them).`,
            "Set messageRetentionSeconds: 1209600.",
            { findingId: "retention" },
        ),
    ];
}

function secondsOf(reading: Reading<number>): number {
    return reading.kind === "absent" ? defaultSeconds : (valueOf(reading) ?? 0);
}

/** Only queues are held by `redriveAllowPolicy`; services and functions come by the queue's policy. */
function judgeSources(queue: ResourceReader, uses: readonly DeadLetterUse[], holder: ResourceReader): Outcome[] {
    const policy = holder.json("redriveAllowPolicy");
    const property = `${holder.name}.redriveAllowPolicy`;
    if (policy.kind === "unknown" || (policy.kind === "known" && policy.value.get("redrivePermission").kind === "unknown"))
        return []; // It is set, and names ARNs that are outputs.
    const given = filled(holder.string("redriveAllowPolicy")).kind !== "absent";
    const permission = policy.kind === "known" ? valueOf(policy.value.string("redrivePermission")) : undefined;
    if (permission === "byQueue" || permission === "denyAll") return [];
    if (!given && !uses.some(({ source }) => source)) return [];
    return [
        violation(
            `Every queue of the account may send its failed messages to ${queue.name} (${property} ${given ? "is not byQueue" : "is not set"}).`,
            'Set redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [source.arn] }).',
            { findingId: "redriveAllowPolicy" },
        ),
    ];
} // prettier-ignore

function judgeAlarm(queue: ResourceReader, watched: WatchedQueues): Outcome[] {
    if (watched.queues.has(queue)) return [];
    if (watched.open !== null)
        return [inconclusive({ property: watched.open }, `whether an alarm watches ${queue.name} is not known yet`)]; // prettier-ignore
    return [
        violation(
            `No alarm of the stack watches ${queue.name}, so nobody learns that something failed.`,
            "Add an aws.cloudwatch.MetricAlarm on ApproximateNumberOfMessagesVisible (AWS/SQS) of the queue.",
            { findingId: "alarm" },
        ),
    ];
}

interface WatchedQueues {
    queues: ReadonlySet<ResourceReader>;
    /** An alarm on a queue of which nothing is known yet. */
    open: string | null;
}

/** Queues on which an alarm has its eye, by its own metric or by one of several. */
function watchedQueues(graph: StackGraph): WatchedQueues {
    const queues = new Set<ResourceReader>();
    let open: string | null = null;
    for (const each of graph.ofType(alarmType)) {
        const metrics = (valueOf(each.list("metricQueries")) ?? []).map((_, index) => ["metricQueries", index, "metric"]); // prettier-ignore
        for (const base of [[], ...metrics]) {
            const namespace = valueOf(each.string(...base, "namespace"));
            if (namespace !== undefined && namespace !== "AWS/SQS") continue;
            const reference = graph.reference(each, [...base, "dimensions", "QueueName"], [queueType]);
            if (reference.kind === "exact") queues.add(reference.resource);
            else if (reference.kind === "candidates") for (const queue of reference.resources) queues.add(queue);
            else if (reference.kind === "unknown") open ??= `${each.name}.${reference.property}`;
        }
    } // prettier-ignore
    return { queues, open };
}

/** The resource that says which sources a queue takes, where it is not the queue itself. */
function separateAllowPolicies(graph: StackGraph): ReadonlyMap<ResourceReader, ResourceReader> {
    return new Map(
        graph.ofType(redriveAllowPolicyType).flatMap((policy): [ResourceReader, ResourceReader][] => {
            const queue = graph.reference(policy, ["queueUrl"], [queueType]);
            return queue.kind === "exact" ? [[queue.resource, policy]] : [];
        }),
    );
}
