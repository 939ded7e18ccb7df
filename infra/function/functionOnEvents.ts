import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { Alarms, watchedFunction, type AlarmTopic } from "./alarms";
import { EventFunction, type EventFunctionArgs } from "./eventFunction";
import { EventRules, type PatternRule } from "./eventRules";
import { FailedQueue } from "./failedQueue";

/** Rules about one kind of event. */
export interface EventKind {
    /** Logical name of the rules, and the beginning of their statements' ids. */
    name: string;
    statementId: string;
    description: string;
    rules: PatternRule[];
}

export interface FunctionOnEventsArgs extends Omit<EventFunctionArgs, "failed"> {
    /** Logical name of the function. */
    functionName: string;
    kinds: EventKind[];
    /** The function in a sentence of its alarms, e.g. `the function that merges pull requests`. */
    subject: string;
    alarmTopic: AlarmTopic;
    platform: EventFunctionArgs["platform"] & Pick<Platform, "naming">;
}

/**
 * A function that rules of EventBridge start and nothing else does, with the queue of what it could not handle and its
 * alarms.
 * @param name what the logical names of queue and alarms begin with.
 * @param child options of everything that is made: their parent.
 */
export function functionOnEvents(
    name: string,
    { functionName, kinds, subject, alarmTopic, ...args }: FunctionOnEventsArgs,
    child: pulumi.ComponentResourceOptions,
): EventFunction {
    const { part, names, platform } = args;
    const failed = new FailedQueue(
        `${name}-failed`,
        {
            queue: names.failed,
            tags: platform.tags,
            senders: [
                {
                    sid: "UndeliveredEvents",
                    service: "events.amazonaws.com",
                    sourceArns: kinds.flatMap(({ rules }) => rules.map(({ arn }) => arn)),
                },
            ],
        },
        child,
    );
    const target = new EventFunction(functionName, { ...args, failed: failed.queue }, child);
    for (const { name: kind, ...rules } of kinds)
        new EventRules(kind, { ...rules, targetId: part, target, failed, platform }, child);
    new Alarms(
        `${name}-alarms`,
        { area: part, watched: watchedFunction("function", subject, names), alarmTopic, platform },
        child,
    );
    return target;
}
