import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { identityPolicy, serviceTrust } from "../iamStatement";
import type { ApprovalNames } from "./approvalNames";
import type { GateFunction } from "./gateFunction";
import type { FailedQueue } from "./failedQueue";
import { scheduleStatements } from "./roleDocuments";

/** Minutes between two runs of the watchdog. */
export const watchdogMinutes = 5;

export interface WatchdogScheduleArgs {
    names: ApprovalNames;
    watchdog: GateFunction;
    failed: FailedQueue;
    platform: Pick<Platform, "account" | "tags">;
}

/**
 * Starts the watchdog every few minutes. A run that cannot be started is tried again until the next one is due.
 *
 * The schedule has a group of its own, because its role can be tied to a group and not to one schedule (EventBridge
 * Scheduler User Guide, "Confused deputy prevention"). It carries no data, so AWS's own key for schedules is enough.
 */
export class WatchdogSchedule extends pulumi.ComponentResource {
    constructor(name: string, args: WatchdogScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:WatchdogSchedule", name, {}, opts);
        const { watchdog, failed, platform } = args;
        const { account, tags } = platform;
        const names = args.names.schedule;
        const group = new aws.scheduler.ScheduleGroup(
            `${name}-group`,
            { name: names.group, tags: tags.tagsFor(names.group) },
            { parent: this },
        );
        const role = new aws.iam.Role(
            `${name}-role`,
            {
                name: names.role,
                description: "Starts the watchdog of the approval gate",
                assumeRolePolicy: serviceTrust("scheduler.amazonaws.com", account.accountId, names.groupArn),
                tags: tags.tagsFor(names.role),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-role-policy`,
            { name: "schedule", role: role.name, policy: identityPolicy(scheduleStatements(args.names)) },
            { parent: role },
        );
        new aws.scheduler.Schedule(
            name,
            {
                name: names.name,
                groupName: group.name,
                description: "Looks for approval requests that were forgotten",
                scheduleExpression: `rate(${watchdogMinutes} minutes)`,
                flexibleTimeWindow: { mode: "OFF" },
                state: "ENABLED",
                target: {
                    arn: watchdog.function.arn,
                    roleArn: role.arn,
                    input: "{}",
                    retryPolicy: {
                        maximumEventAgeInSeconds: watchdogMinutes * 60,
                        maximumRetryAttempts: 3,
                    },
                    deadLetterConfig: { arn: failed.queue.arn },
                },
            },
            { parent: this, dependsOn: [policy, failed.policy, ...watchdog.ready] },
        );
        this.registerOutputs({});
    }
}
