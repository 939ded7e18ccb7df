import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { EventFunction } from "./eventFunction";
import type { FailedQueue } from "./failedQueue";
import type { NameAndArn } from "./functionNames";

/**
 * How often, and for how long, EventBridge tries to hand an event to the function. The event must have ended in the
 * queue, with its alarm, well before anything is decided without it.
 */
export const deliveryRetries = 20;
export const deliveryAgeSeconds = 3_600;

/** One rule: an event pattern has at most 2048 characters, so a list of resources may need several. */
export interface PatternRule extends NameAndArn {
    /** JSON. */
    eventPattern: string;
}

export interface EventRulesArgs {
    rules: PatternRule[];
    description: string;
    /** Beginning of the statements' ids in the function's policy: `<id>-1` and so on. */
    statementId: string;
    targetId: string;
    target: EventFunction;
    failed: FailedQueue;
    platform: Pick<Platform, "tags">;
}

/** Hands the events of EventBridge that fit the patterns, and no others, to a function. */
export class EventRules extends pulumi.ComponentResource {
    readonly rules: aws.cloudwatch.EventRule[];

    constructor(name: string, args: EventRulesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:function:EventRules", name, {}, opts);
        const { target, failed, platform } = args;
        this.rules = args.rules.map(({ name: ruleName, arn, eventPattern }, index) => {
            const logicalName = index === 0 ? name : `${name}-${index + 1}`;
            const rule = new aws.cloudwatch.EventRule(
                logicalName,
                {
                    name: ruleName,
                    description: args.description,
                    eventPattern,
                    state: "ENABLED",
                    tags: platform.tags.tagsFor(ruleName),
                },
                { parent: this },
            );
            const permission = new aws.lambda.Permission(
                `${logicalName}-permission`,
                {
                    statementId: `${args.statementId}-${index + 1}`,
                    function: target.function.name,
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
                    targetId: args.targetId,
                    arn: target.function.arn,
                    retryPolicy: {
                        maximumRetryAttempts: deliveryRetries,
                        maximumEventAgeInSeconds: deliveryAgeSeconds,
                    },
                    deadLetterConfig: { arn: failed.queue.arn },
                },
                { parent: this, dependsOn: [permission, failed.policy, ...target.ready] },
            );
            return rule;
        });
        this.registerOutputs({});
    }
}
