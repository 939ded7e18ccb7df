/** What starts a function of the picture: messages, events, schedules, and services that ask before they start tasks. */
import type { CapturedResource } from "../model";
import { byCodeUnit, textOf } from "../report/resourceIndex";
import type { Wiring } from "./functionView";
import { counted, ownName, types } from "./functionView";
import { referred } from "./references";

/** An action of a pipeline in the picture. */
export interface ActionPlace {
    /** Positions among the drawn applications and their stages. */
    application: number;
    stage: number;
    action: string;
}

/** Something that starts a function. */
export interface SourceView {
    kind: "topic" | "rule" | "schedule" | "service";
    title: string;
    detail: string;
    /** What arrives, as the arrow says it. */
    label: string;
    /** Events that it cannot hand over go to the function's queue. */
    failsToQueue: boolean;
    /** Actions that announce themselves here. */
    announcedBy: ActionPlace[];
}

/** `rate(5 minutes)` → `every 5 minutes`; other expressions as they are. */
function inWords(expression: string): string {
    const rate = /^rate\((?:1 )?(.+?)\)$/.exec(expression)?.[1];
    return rate === undefined ? expression : `every ${rate}`;
}

/** Events of AWS services in few words; the others are called by their own names. */
const shortEvents: Readonly<Record<string, string>> = {
    "CodeCommit Pull Request State Change": "pull request",
    "CodePipeline Pipeline Execution State Change": "pipeline",
    "CodePipeline Action Execution State Change": "action",
    "CodeBuild Build State Change": "build",
    "ECS Task State Change": "task",
    "Object Created": "new object",
};

/** Names of the events that a pattern lets through. */
function eventsOf(rule: CapturedResource): string[] {
    try {
        const pattern = JSON.parse(textOf(rule, "eventPattern") ?? "{}") as Record<string, unknown>;
        return [pattern["detail-type"] ?? pattern["source"] ?? []]
            .flat()
            .filter((each): each is string => typeof each === "string")
            .map((each) => shortEvents[each] ?? each);
    } catch {
        return [];
    }
}

/** Everything that starts a function. @param queues those that its failures go to */
export function sourcesOf(
    target: CapturedResource,
    queues: CapturedResource[],
    wiring: Wiring,
): SourceView[] {
    const { index } = wiring;
    const toQueue = (resource: CapturedResource, ...path: [string, ...string[]]): boolean =>
        referred(resource, types.queue, index, ...path).some((queue) => queues.includes(queue));
    const subscriptions = index
        .ofType(types.subscription)
        .filter((each) => textOf(each, "protocol") === "lambda" && starts(each, "endpoint"));
    function starts(resource: CapturedResource, ...path: [string, ...string[]]): boolean {
        return referred(resource, types.function, index, ...path).includes(target);
    }
    const topics = new Set(subscriptions.flatMap((each) => referred(each, types.topic, index, "topic")));
    const targets = index.ofType(types.target).filter((each) => starts(each, "arn"));
    const rules = [...new Set(targets.flatMap((each) => referred(each, types.rule, index, "rule")))];
    const schedules = index.ofType(types.schedule).filter((each) => starts(each, "target", "arn"));
    const services = index
        .ofType("aws:ecs/service:Service")
        .filter((each) => starts(each, "deploymentConfiguration", "lifecycleHooks"));
    const [service] = services;
    return [
        ...(service === undefined
            ? []
            : [
                  {
                      kind: "service" as const,
                      title:
                          services.length === 1
                              ? ownName(service, wiring)
                              : counted(services.length, "service"),
                      detail: "Amazon ECS",
                      label: "before new tasks start",
                      failsToQueue: false,
                      announcedBy: [],
                  },
              ]),
        ...[...topics].map((topic): SourceView => ({
            kind: "topic",
            title: ownName(topic, wiring),
            detail: "SNS topic",
            label: "message",
            failsToQueue: subscriptions.some(
                (each) =>
                    referred(each, types.topic, index, "topic").includes(topic) &&
                    toQueue(each, "redrivePolicy"),
            ),
            announcedBy: wiring.places
                .filter((each) => each.topics.includes(topic))
                .map(({ place }) => place),
        })),
        ...(rules.length === 0
            ? []
            : [
                  {
                      kind: "rule" as const,
                      title:
                          rules.length === 1
                              ? ownName(rules[0] as CapturedResource, wiring)
                              : counted(rules.length, "rule"),
                      detail: rules.length === 1 ? "EventBridge rule" : "EventBridge",
                      label: [...new Set(rules.flatMap(eventsOf))].sort(byCodeUnit).join(", ") || "event",
                      failsToQueue: targets.every((each) => toQueue(each, "deadLetterConfig", "arn")),
                      announcedBy: [],
                  },
              ]),
        ...schedules.map((schedule): SourceView => ({
            kind: "schedule",
            title: ownName(schedule, wiring),
            detail: "EventBridge Scheduler",
            label: inWords(textOf(schedule, "scheduleExpression") ?? "on schedule"),
            failsToQueue: toQueue(schedule, "target", "deadLetterConfig", "arn"),
            announcedBy: [],
        })),
    ];
}
