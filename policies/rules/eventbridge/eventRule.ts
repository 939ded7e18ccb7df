/** What the rules about EventBridge share. */
import { eventRuleType, eventTargetType } from "../../gate/resourceTypes";
import type { ExampleResource } from "../../harness/rule";

export const eventBusType = "aws:cloudwatch/eventBus:EventBus";
export const eventBusPolicyType = "aws:cloudwatch/eventBusPolicy:EventBusPolicy";
export const eventPermissionType = "aws:cloudwatch/eventPermission:EventPermission";

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
export const exampleArns = {
    rule: arn("events", "rule/scans"),
    worker: arn("lambda", "function:worker"),
    failed: arn("sqs", "failed"),
} as const;

/** A rule named `scans` in the stack and in AWS. */
export function ruleExample(props: Record<string, unknown> = {}): ExampleResource {
    return {
        type: eventRuleType,
        name: "scans",
        props: { name: "scans", eventPattern: JSON.stringify({ source: ["aws.inspector2"] }), ...props },
    };
}

/** A target of that rule which loses nothing. */
export function targetExample(props: Record<string, unknown> = {}): ExampleResource {
    return {
        type: eventTargetType,
        name: "target",
        props: {
            rule: "scans",
            arn: exampleArns.worker,
            deadLetterConfig: { arn: exampleArns.failed },
            retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 3_600 },
            ...props,
        },
    };
}
