import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { scanEventPatterns } from "../../gate/approval/eventPattern";
import { readSettings } from "../../gate/approval/settingsSchema";
import type { ApprovalFunctionName } from "../../lambdas/bundle";
import type { Platform } from "../application/platform";
import { EventFunction, type EventFunctionArgs } from "../function/eventFunction";
import { functionEnvironment } from "../function/functionEnvironment";
import { EventRules } from "../function/eventRules";
import { FailedQueue } from "../function/failedQueue";
import { FunctionSchedule } from "../function/functionSchedule";
import type { AlarmTopic } from "../function/alarms";
import type { QueueSender } from "../function/queuePolicy";
import { Announcement } from "./announcement";
import { approvalNames, type ApprovalNames } from "./approvalNames";
import { GateAlarms, watchdogMinutes } from "./gateAlarms";
import { GateTable } from "./gateTable";
import { RequestStream } from "./requestStream";
import { recorderStatements, scanEventStatements, watchdogStatements } from "./roleDocuments";
import { approvalSettings, functionTimeoutSeconds } from "./settings";

export interface ApprovalArgs {
    platform: Platform;
}

/**
 * The approval gate: answers the action GateApproval of every pipeline, from stored evidence and the registry's own
 * scan, exactly once, and nobody else can.
 *
 * - A pipeline announces its approval to the topic; the recorder writes the request into the table.
 * - The table's stream starts the function that decides, and so does every scan event about a staging repository.
 * - The watchdog looks every five minutes for what was forgotten.
 * - What cannot be handled ends in a queue, and a queue that is not empty is an alarm.
 *
 * People who are to approve as well are told through a topic of their own.
 */
export class Approval extends pulumi.ComponentResource {
    readonly names: ApprovalNames;
    /** Literal ARNs for the pipelines' actions; `people` where a human approval is configured. */
    readonly topicArns: { gate: string; people?: string };
    /** Where everything that watches the gate raises its alarms. */
    readonly alarmTopic: AlarmTopic;

    constructor(name: string, args: ApprovalArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:Approval", name, {}, opts);
        const { platform } = args;
        const { account, naming, config, tags } = platform;
        const names = approvalNames(account, naming);
        const settings = approvalSettings(platform, names);
        const settingsText = JSON.stringify(settings);
        // Throws here what would keep the functions from starting there.
        readSettings(settingsText);
        const patterns = scanEventPatterns({
            ...settings,
            repositories: settings.applications.map(({ repository }) => repository),
        });
        const child: pulumi.ComponentResourceOptions = { parent: this };
        this.names = names;

        const table = new GateTable(`${name}-table`, { names, platform }, child);
        const requests = new Announcement(
            `${name}-topic`,
            {
                topic: names.topics.requests,
                displayName: "Release approvals for the gate",
                subscriber: { protocol: "lambda", functionArn: names.functions.recorder.arn },
                platform,
            },
            child,
        );

        const failedQueue = (part: ApprovalFunctionName, senders: QueueSender[]): FailedQueue =>
            new FailedQueue(
                `${name}-${part}-failed`,
                { queue: names.functions[part].failed, tags, senders },
                child,
            );
        const failed = {
            recorder: failedQueue("recorder", [
                {
                    sid: "UndeliveredApprovals",
                    service: "sns.amazonaws.com",
                    sourceArns: [names.topics.requests.arn],
                },
            ]),
            "scan-event": failedQueue("scan-event", [
                {
                    sid: "UndeliveredScanEvents",
                    service: "events.amazonaws.com",
                    sourceArns: patterns.map((_pattern, index) => names.scanRule(index).arn),
                },
            ]),
            watchdog: failedQueue("watchdog", []),
        };

        const gateFunction = (
            part: ApprovalFunctionName,
            rest: Pick<
                EventFunctionArgs,
                "gateRole" | "description" | "statements" | "timeoutSeconds" | "concurrency"
            >,
        ): EventFunction =>
            new EventFunction(
                `${name}-${part}`,
                {
                    part,
                    names: names.functions[part],
                    settings: settingsText,
                    environment: functionEnvironment(settings, names.service),
                    failed: failed[part].queue,
                    // Whatever starts a function finds the table, and who may write it, in place.
                    platform: { ...platform, foundations: [...platform.foundations, table.policy] },
                    ...rest,
                },
                child,
            );
        const recorder = gateFunction("recorder", {
            gateRole: "recorder",
            description: "Records approval requests of the pipelines",
            statements: recorderStatements(platform, names),
            timeoutSeconds: 30,
            concurrency: 2,
        });
        const decider = gateFunction("scan-event", {
            gateRole: "decider",
            description: "Decides approval requests and answers them",
            statements: scanEventStatements(platform, names),
            timeoutSeconds: functionTimeoutSeconds,
            concurrency: 5,
        });
        const watchdog = gateFunction("watchdog", {
            gateRole: "watchdog",
            description: "Finds approval requests that were forgotten",
            statements: watchdogStatements(platform, names),
            timeoutSeconds: functionTimeoutSeconds,
            // Two at once would only do the same twice.
            concurrency: 1,
        });

        this.subscribe(name, requests, recorder, failed.recorder);
        new RequestStream(
            `${name}-stream`,
            { table, decider, failed: failed["scan-event"], platform },
            child,
        );
        new EventRules(
            `${name}-scan`,
            {
                rules: patterns.map((eventPattern, index) => ({ ...names.scanRule(index), eventPattern })),
                description: "Scans of staging images have ended",
                statementId: "scan",
                targetId: "gate",
                target: decider,
                failed: failed["scan-event"],
                platform,
            },
            child,
        );
        new FunctionSchedule(
            `${name}-watchdog-schedule`,
            {
                names: names.schedule,
                functionNames: names.functions.watchdog,
                target: watchdog,
                failed: failed.watchdog,
                minutes: watchdogMinutes,
                description: "Looks for approval requests that were forgotten",
                roleDescription: "Starts the watchdog of the approval gate",
                platform,
            },
            child,
        );
        this.alarmTopic = new GateAlarms(`${name}-alarms`, { names, platform }, child).alarmTopic;

        this.topicArns = { gate: names.topics.requests.arn };
        if (config.approval.human !== undefined) {
            this.topicArns.people = this.tellPeople(name, names, config.approval.human.emails, platform);
        }
        this.registerOutputs({ table: names.table.name });
    }

    /** The topic starts the recorder. Amazon SNS sends no account along, and the topic's ARN has it (`sourceArn`). */
    private subscribe(
        name: string,
        requests: Announcement,
        recorder: EventFunction,
        failed: FailedQueue,
    ): void {
        const permission = new aws.lambda.Permission(
            `${name}-topic-permission`,
            {
                statementId: "approvals",
                function: recorder.function.name,
                action: "lambda:InvokeFunction",
                principal: "sns.amazonaws.com",
                sourceArn: this.names.topics.requests.arn,
            },
            { parent: requests },
        );
        new aws.sns.TopicSubscription(
            `${name}-topic-recorder`,
            {
                topic: requests.topic.arn,
                protocol: "lambda",
                endpoint: recorder.function.arn,
                redrivePolicy: JSON.stringify({
                    deadLetterTargetArn: this.names.functions.recorder.failed.arn,
                }),
            },
            {
                parent: requests,
                dependsOn: [permission, failed.policy, requests.policy, ...recorder.ready],
            },
        );
    }

    /** A topic for the human approval, and one subscription for each address (each person confirms once). */
    private tellPeople(name: string, names: ApprovalNames, emails: string[], platform: Platform): string {
        const people = new Announcement(
            `${name}-people`,
            {
                topic: names.topics.people,
                displayName: "Release approvals",
                subscriber: { protocol: "email" },
                platform,
            },
            { parent: this },
        );
        for (const email of [...emails].sort()) {
            new aws.sns.TopicSubscription(
                `${name}-${email}`,
                { topic: people.topic.arn, protocol: "email", endpoint: email },
                { parent: people, dependsOn: [people.policy] },
            );
        }
        return names.topics.people.arn;
    }
}
