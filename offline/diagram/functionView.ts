/** One function of the picture: what starts it, what it writes and reads, and where its failures go. */
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { listOf, readPath, readProperty, textIn, textOf } from "../report/resourceIndex";
import { allows, grantsOf } from "./access";
import type { ReachView } from "./reachView";
import { mayTable, reachesOf, tableReads, tableWrites } from "./reachView";
import { referred } from "./references";
import type { ActionPlace, SourceView } from "./sourceView";
import { sourcesOf } from "./sourceView";

export interface QueueView {
    title: string;
    detail: string;
    /** Alarms that watch it and tell the alarm topic. */
    alarms: number;
}

export interface FunctionView {
    urn: string;
    title: string;
    details: string[];
    sources: SourceView[];
    queue: QueueView | null;
    /** Its own failures go to the queue. */
    failsToQueue: boolean;
    /** Positions of tables: what it may write, may only read, and is started by. */
    writes: number[];
    reads: number[];
    streams: number[];
    /** Tables whose changes go to the queue when the function fails on them. */
    streamFailures: number[];
    alarms: number;
    /** Actions that it may answer. */
    answers: ActionPlace[];
    /** What it does outside its component. */
    reaches: ReachView[];
}

/** Types whose resources are linked. */
export const types = {
    function: "aws:lambda/function:Function",
    topic: "aws:sns/topic:Topic",
    queue: "aws:sqs/queue:Queue",
    table: "aws:dynamodb/table:Table",
    rule: "aws:cloudwatch/eventRule:EventRule",
    target: "aws:cloudwatch/eventTarget:EventTarget",
    schedule: "aws:scheduler/schedule:Schedule",
    subscription: "aws:sns/topicSubscription:TopicSubscription",
    mapping: "aws:lambda/eventSourceMapping:EventSourceMapping",
    invokeConfig: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
    pipeline: "aws:codepipeline/pipeline:Pipeline",
} as const;

/**
 * The physical name without project, stack and component, which all names begin with: `portcullis-dev-approval-recorder`
 * → `recorder`. The logical name where the physical one is not known.
 */
export function ownName(resource: CapturedResource, { prefix, component }: NamePrefixes): string {
    const physical = textOf(resource, "name");
    const name = physical?.startsWith(prefix) ? physical.slice(prefix.length) : (physical ?? resource.name);
    return name.startsWith(`${component}-`) ? name.slice(component.length + 1) : name;
}

/** `1 queue`, `2 queues`. */
export function counted(count: number, word: string): string {
    return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What the names of a component's resources begin with. */
export interface NamePrefixes {
    /** `project-stack-`. */
    prefix: string;
    component: string;
}

/** What a function is read with: the stack, and the approvals of the drawn pipelines. */
export interface Wiring extends NamePrefixes {
    index: ResourceIndex;
    /** `arn`: the sixth part of the action's ARN, `pipeline/stage/action`. */
    places: readonly { place: ActionPlace; arn: string; topics: CapturedResource[] }[];
}

/** Every approval action of the drawn pipelines, with the topic that it announces itself to. */
export function approvalPlaces(
    pipelines: readonly CapturedResource[],
    index: ResourceIndex,
): Wiring["places"] {
    return pipelines.flatMap((pipeline, application) =>
        listOf(pipeline, "stages").flatMap((stage, stagePosition) => {
            const actions = readPath(stage, ["actions"]);
            const list = actions.kind === "known" && Array.isArray(actions.value) ? actions.value : [];
            return list.flatMap((action, position) =>
                textIn(action, "category") === "Approval"
                    ? [
                          {
                              place: {
                                  application,
                                  stage: stagePosition,
                                  action: textIn(action, "name") ?? "",
                              },
                              arn: [
                                  textOf(pipeline, "name") ?? pipeline.name,
                                  textIn(stage, "name") ?? "",
                                  textIn(action, "name") ?? "",
                              ].join("/"),
                              topics: referred(
                                  pipeline,
                                  types.topic,
                                  index,
                                  ...(["stages", stagePosition, "actions", position] as const),
                                  "configuration",
                                  "NotificationArn",
                              ),
                          },
                      ]
                    : [],
            );
        }),
    );
}

function functionDetails(resource: CapturedResource): string[] {
    const concurrency = readProperty(resource, "reservedConcurrentExecutions");
    const limit = concurrency.kind === "known" && Number(concurrency.value) >= 0;
    return ["Lambda function", ...(limit ? [`at most ${String(concurrency.value)} at once`] : [])];
}

/** Alarms that watch a resource by a dimension and tell a topic of the stack. */
function alarmsOn(
    resource: CapturedResource,
    dimension: "FunctionName" | "QueueName",
    index: ResourceIndex,
): CapturedResource[] {
    const name = textOf(resource, "name");
    const names = (alarm: CapturedResource): string[] => [
        textOf(alarm, "dimensions", dimension) ?? "",
        ...listOf(alarm, "metricQueries").map(
            (query) => textIn(query, "metric", "dimensions", dimension) ?? "",
        ),
    ];
    return index
        .ofType(types.alarm)
        .filter((alarm) => name !== undefined && names(alarm).includes(name))
        .filter((alarm) => referred(alarm, types.topic, index, "alarmActions").length > 0);
}

/** Reads one function. @param tables those of its component, in the order of the picture */
export function functionView(
    target: CapturedResource,
    tables: CapturedResource[],
    wiring: Wiring,
): FunctionView {
    const { index } = wiring;
    const mappings = index
        .ofType(types.mapping)
        .filter((each) => referred(each, types.function, index, "functionName").includes(target));
    const queuesOf = (resource: CapturedResource, ...path: [string, ...string[]]): CapturedResource[] =>
        referred(resource, types.queue, index, ...path);
    const own = [
        ...queuesOf(target, "deadLetterConfig", "targetArn"),
        ...index
            .ofType(types.invokeConfig)
            .filter((each) => referred(each, types.function, index, "functionName").includes(target))
            .flatMap((each) => queuesOf(each, "destinationConfig", "onFailure", "destinationArn")),
    ];
    const ofMapping = (each: CapturedResource): CapturedResource[] =>
        queuesOf(each, "destinationConfig", "onFailure", "destinationArn");
    const ofSources = [
        ...index
            .ofType(types.subscription)
            .filter((each) => referred(each, types.function, index, "endpoint").includes(target))
            .flatMap((each) => queuesOf(each, "redrivePolicy")),
        ...index
            .ofType(types.target)
            .filter((each) => referred(each, types.function, index, "arn").includes(target))
            .flatMap((each) => queuesOf(each, "deadLetterConfig", "arn")),
        ...index
            .ofType(types.schedule)
            .filter((each) => referred(each, types.function, index, "target", "arn").includes(target))
            .flatMap((each) => queuesOf(each, "target", "deadLetterConfig", "arn")),
    ];
    const queues = [...new Set([...own, ...mappings.flatMap(ofMapping), ...ofSources])];
    const tablesOf = (chosen: CapturedResource[]): number[] =>
        [
            ...new Set(
                chosen.flatMap((each) =>
                    referred(each, types.table, index, "eventSourceArn").map((table) =>
                        tables.indexOf(table),
                    ),
                ),
            ),
        ].filter((position) => position >= 0);
    const grants = grantsOf(target, "role", index);
    const positions = (holds: (table: CapturedResource) => boolean): number[] =>
        tables.flatMap((table, position) => (holds(table) ? [position] : []));
    const writes = positions((table) => mayTable(grants, table, tableWrites));
    return {
        urn: target.urn,
        title: ownName(target, wiring),
        details: functionDetails(target),
        sources: sourcesOf(target, queues, wiring),
        queue:
            queues.length === 0
                ? null
                : {
                      title:
                          queues.length === 1
                              ? ownName(queues[0] as CapturedResource, wiring)
                              : counted(queues.length, "queue"),
                      detail: "SQS queue",
                      alarms: queues.flatMap((queue) => alarmsOn(queue, "QueueName", index)).length,
                  },
        failsToQueue: own.length > 0,
        writes,
        reads: positions((table) => mayTable(grants, table, tableReads)).filter(
            (position) => !writes.includes(position),
        ),
        streams: tablesOf(mappings),
        streamFailures: tablesOf(mappings.filter((each) => ofMapping(each).length > 0)),
        alarms: alarmsOn(target, "FunctionName", index).length,
        answers: wiring.places
            .filter((each) => allows(grants, "codepipeline:PutApprovalResult", each.arn))
            .map(({ place }) => place),
        reaches: reachesOf(grants, tables, index, (each) => ownName(each, wiring)),
    };
}
