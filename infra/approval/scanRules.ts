import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { ApprovalNames } from "./approvalNames";
import type { GateFunction } from "./gateFunction";
import type { FailedQueue } from "./failedQueue";

/**
 * How often, and for how long, EventBridge tries to hand an event to the function. The event must have ended in the
 * queue, with its alarm, well before the request is decided without it.
 */
export const deliveryRetries = 20;
export const deliveryAgeSeconds = 3_600;

export interface ScanRulesArgs {
    names: ApprovalNames;
    /** Event patterns; one rule for each, since a pattern has a longest length. */
    patterns: string[];
    decider: GateFunction;
    failed: FailedQueue;
    platform: Pick<Platform, "tags">;
}

/** Hands the scan events about our staging repositories, and no others, to the function that decides. */
export class ScanRules extends pulumi.ComponentResource {
    readonly rules: aws.cloudwatch.EventRule[];

    constructor(name: string, args: ScanRulesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:ScanRules", name, {}, opts);
        const { names, decider, failed, platform } = args;
        this.rules = args.patterns.map((eventPattern, index) => {
            const { name: ruleName, arn } = names.scanRule(index);
            const logicalName = index === 0 ? name : `${name}-${index + 1}`;
            const rule = new aws.cloudwatch.EventRule(
                logicalName,
                {
                    name: ruleName,
                    description: "Scans of staging images have ended",
                    eventPattern,
                    state: "ENABLED",
                    tags: platform.tags.tagsFor(ruleName),
                },
                { parent: this },
            );
            const permission = new aws.lambda.Permission(
                `${logicalName}-permission`,
                {
                    statementId: `scan-${index + 1}`,
                    function: decider.function.name,
                    action: "lambda:InvokeFunction",
                    principal: "events.amazonaws.com",
                    sourceArn: arn,
                },
                // Children of the component and not of the rule: what depends on the component depends on them then.
                { parent: this },
            );
            new aws.cloudwatch.EventTarget(
                `${logicalName}-target`,
                {
                    rule: rule.name,
                    targetId: "gate",
                    arn: decider.function.arn,
                    retryPolicy: {
                        maximumRetryAttempts: deliveryRetries,
                        maximumEventAgeInSeconds: deliveryAgeSeconds,
                    },
                    deadLetterConfig: { arn: failed.queue.arn },
                },
                { parent: this, dependsOn: [permission, failed.policy, ...decider.ready] },
            );
            return rule;
        });
        this.registerOutputs({});
    }
}
