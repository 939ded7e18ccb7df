import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { identityPolicy, serviceTrust } from "../iamStatement";
import { allow } from "../pipeline/permissions";
import type { EventFunction } from "./eventFunction";
import type { FailedQueue } from "./failedQueue";
import type { FunctionNames } from "./functionNames";

export interface ScheduleNames {
    name: string;
    group: string;
    groupArn: string;
    role: string;
    roleArn: string;
}

export interface FunctionScheduleArgs {
    names: ScheduleNames;
    /** What the function and its queue are called. */
    functionNames: FunctionNames;
    target: EventFunction;
    failed: FailedQueue;
    /** Minutes between two runs. */
    minutes: number;
    description: string;
    roleDescription: string;
    platform: Pick<Platform, "account" | "tags">;
}

/**
 * Starts a function every few minutes, without data. A run that cannot be started is tried again until the next one is
 * due.
 *
 * The schedule has a group of its own, because its role can be tied to a group and not to one schedule (EventBridge
 * Scheduler User Guide, "Confused deputy prevention"). It carries no data, so AWS's own key for schedules is enough.
 */
export class FunctionSchedule extends pulumi.ComponentResource {
    constructor(name: string, args: FunctionScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:function:FunctionSchedule", name, {}, opts);
        const { names, target, failed, minutes, platform } = args;
        const { account, tags } = platform;
        const group = new aws.scheduler.ScheduleGroup(
            `${name}-group`,
            { name: names.group, tags: tags.tagsFor(names.group) },
            { parent: this },
        );
        const role = new aws.iam.Role(
            `${name}-role`,
            {
                name: names.role,
                description: args.roleDescription,
                assumeRolePolicy: serviceTrust("scheduler.amazonaws.com", account.accountId, names.groupArn),
                tags: tags.tagsFor(names.role),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-role-policy`,
            {
                name: "schedule",
                role: role.name,
                policy: identityPolicy(scheduleStatements(args.functionNames)),
            },
            { parent: role },
        );
        new aws.scheduler.Schedule(
            name,
            {
                name: names.name,
                groupName: group.name,
                description: args.description,
                scheduleExpression: `rate(${minutes} minutes)`,
                flexibleTimeWindow: { mode: "OFF" },
                state: "ENABLED",
                target: {
                    arn: target.function.arn,
                    roleArn: role.arn,
                    input: "{}",
                    retryPolicy: { maximumEventAgeInSeconds: minutes * 60, maximumRetryAttempts: 3 },
                    deadLetterConfig: { arn: failed.queue.arn },
                },
            },
            { parent: this, dependsOn: [policy, failed.policy, ...target.ready] },
        );
        this.registerOutputs({});
    }
}

/** Role of a schedule: start the function, and put away what could not be delivered to it. */
export function scheduleStatements({ arn, failed }: FunctionNames) {
    return [
        allow("StartFunction", ["lambda:InvokeFunction"], [arn]),
        allow("KeepFailedEvents", ["sqs:SendMessage"], [failed.arn]),
    ];
}
