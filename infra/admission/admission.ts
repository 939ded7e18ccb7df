import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { readAdmissionSettings } from "../../gate/admission/settingsSchema";
import type { Platform } from "../application/platform";
import { functionEnvironment } from "../function/functionEnvironment";
import type { AdmissionHook } from "../delivery/createdService";
import type { DeliveryTarget } from "../delivery/deliveryNames";
import { Alarms, type AlarmTopic } from "../function/alarms";
import { EventFunction } from "../function/eventFunction";
import { EventRules } from "../function/eventRules";
import { FailedQueue } from "../function/failedQueue";
import { FunctionSchedule } from "../function/functionSchedule";
import { silenceAlarm } from "../function/silenceAlarm";
import { accountTrust, identityPolicy } from "../iamStatement";
import { admissionNames, type AdmissionNames } from "./admissionNames";
import { watchedAdmission } from "./alarms";
import { BreakGlass } from "./breakGlass";
import { admissionStatements, hookStatements, runningCheckStatements } from "./roleDocuments";
import { admissionSettings } from "./settings";
import { taskPatterns } from "./taskPatterns";

/** Minutes between two sweeps of what runs. */
export const sweepMinutes = 15;

export interface AdmissionArgs {
    /** Production services, created or not; at least one. */
    services: DeliveryTarget[];
    alarmTopic: AlarmTopic;
    /** `foundations`: the approval table among them. */
    platform: Platform;
}

/**
 * What stands between the production services and an image that the gate has not approved.
 *
 * - `admission` is asked by Amazon ECS before it starts a revision of a service, whoever deploys; unless it agrees, the
 *   deployment is rolled back.
 * - `running` looks at every task that has started, and every quarter of an hour at all of them: what was admitted once
 *   can turn bad, and a service that the stack did not create may start things that nobody asked about.
 * - The break-glass table holds what may run without an approval for a day at most.
 */
export class Admission extends pulumi.ComponentResource {
    readonly names: AdmissionNames;
    readonly hook: AdmissionHook;

    constructor(name: string, args: AdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:admission:Admission", name, {}, opts);
        const { services, alarmTopic, platform } = args;
        const { account, naming, tags } = platform;
        const names = admissionNames(account, naming);
        const settings = admissionSettings(platform, names, services);
        const settingsText = JSON.stringify(settings);
        // Throws here what would keep the functions from starting there.
        readAdmissionSettings(settingsText);
        const patterns = taskPatterns(account, services);
        const child: pulumi.ComponentResourceOptions = { parent: this };

        const breakGlass = new BreakGlass(`${name}-break-glass`, { names, platform }, child);
        const shared = {
            settings: settingsText,
            environment: functionEnvironment(settings, names.service),
            platform: { ...platform, foundations: [...platform.foundations, ...breakGlass.ready] },
        };
        // Amazon ECS waits for an answer, so nothing is ever put away there but by accident; its alarm says so.
        const admissionFailed = new FailedQueue(
            `${name}-function-failed`,
            { queue: names.functions.admission.failed, tags, senders: [] },
            child,
        );
        const runningFailed = new FailedQueue(
            `${name}-running-failed`,
            {
                queue: names.functions.running.failed,
                tags,
                senders: [
                    {
                        sid: "UndeliveredTaskEvents",
                        service: "events.amazonaws.com",
                        sourceArns: patterns.map((_pattern, index) => names.taskRule(index).arn),
                    },
                ],
            },
            child,
        );
        const admission = new EventFunction(
            `${name}-function`,
            {
                ...shared,
                part: "admission",
                names: names.functions.admission,
                gateRole: "admission",
                description: "Decides which images Amazon ECS may start in production",
                statements: admissionStatements(platform, names, services),
                timeoutSeconds: 60,
                concurrency: 5,
                failed: admissionFailed.queue,
            },
            child,
        );
        const running = new EventFunction(
            `${name}-running`,
            {
                ...shared,
                part: "running",
                names: names.functions.running,
                gateRole: "auditor",
                description: "Compares what runs in production with what was approved",
                statements: runningCheckStatements(platform, names, services),
                timeoutSeconds: 120,
                // Two at once would tell the same twice, and could archive what the other has just found.
                concurrency: 1,
                failed: runningFailed.queue,
            },
            child,
        );
        new EventRules(
            `${name}-tasks`,
            {
                rules: patterns.map((eventPattern, index) => ({ ...names.taskRule(index), eventPattern })),
                description: "Tasks of the production services have started",
                statementId: "tasks",
                targetId: "running",
                target: running,
                failed: runningFailed,
                platform,
            },
            child,
        );
        new FunctionSchedule(
            `${name}-sweep`,
            {
                names: names.schedule,
                functionNames: names.functions.running,
                target: running,
                failed: runningFailed,
                minutes: sweepMinutes,
                description: "Looks at everything that runs in the production services",
                roleDescription: "Starts the continuous check of what runs",
                platform,
            },
            child,
        );
        new Alarms(
            `${name}-alarms`,
            { area: "admission", watched: watchedAdmission(names), alarmTopic, platform },
            child,
        );
        silenceAlarm(
            `${name}-sweep-silent`,
            {
                nameParts: ["admission", "sweep-silent"],
                subject: "The continuous check of what runs",
                functionName: names.functions.running.name,
                minutes: sweepMinutes,
                alarmTopic,
                platform,
            },
            child,
        );

        this.names = names;
        this.hook = {
            functionArn: names.functions.admission.arn,
            roleArn: names.hookRole.arn,
            ready: [...admission.ready, ...this.hookRole(name, names, platform)],
        };
        this.registerOutputs({ table: names.breakGlass.table.name });
    }

    /** Amazon ECS asks the function with this role. */
    private hookRole(name: string, names: AdmissionNames, { account, tags }: Platform): pulumi.Resource[] {
        const role = new aws.iam.Role(
            `${name}-hook-role`,
            {
                name: names.hookRole.name,
                description: "Amazon ECS asks about the admission of what it is to start",
                assumeRolePolicy: accountTrust("ecs.amazonaws.com", account.accountId),
                tags: tags.tagsFor(names.hookRole.name, { "gate:role": "admission-hook" }),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-hook-role-policy`,
            { name: "hook", role: role.name, policy: identityPolicy(hookStatements(names)) },
            { parent: role },
        );
        return [role, policy];
    }
}
