import * as pulumi from "@pulumi/pulumi";
import { metricsNamespace } from "../../gate/approval/effects";
import { readMergeSettings } from "../../gate/merge/mergeSettings";
import type { Platform } from "../application/platform";
import { Alarms, watchedFunction, type AlarmTopic } from "../function/alarms";
import { EventFunction } from "../function/eventFunction";
import { EventRules } from "../function/eventRules";
import { FailedQueue } from "../function/failedQueue";
import type { NameAndArn } from "../function/functionNames";
import { mergeSettings, publishedPatterns } from "./mergedApplications";
import { mergeNames, type MergeNames } from "./mergeNames";
import { mergeStatements } from "./roleDocuments";

export interface MergeArgs {
    platform: Platform;
    /** The table of approvals. */
    table: NameAndArn;
    alarmTopic: AlarmTopic;
}

/**
 * The function that merges the open pull request of a built branch once its commit is published, where `mergeInto` says
 * where to; only that commit, and only if it was approved.
 */
export class Merge extends pulumi.ComponentResource {
    readonly names: MergeNames;

    constructor(name: string, args: MergeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:merge:Merge", name, {}, opts);
        const { platform, table, alarmTopic } = args;
        const { account, naming, tags } = platform;
        const names = mergeNames(account, naming);
        this.names = names;
        const settings = mergeSettings(platform, table.name);
        const settingsText = JSON.stringify(settings);
        // Throws here what would keep the function from starting there.
        readMergeSettings(settingsText);
        const rules = publishedPatterns(account, settings.applications).map((eventPattern, index) => ({
            ...names.rule(index),
            eventPattern,
        }));
        const child: pulumi.ComponentResourceOptions = { parent: this };

        const failed = new FailedQueue(
            `${name}-failed`,
            {
                queue: names.function.failed,
                tags,
                senders: [
                    {
                        sid: "UndeliveredEvents",
                        service: "events.amazonaws.com",
                        sourceArns: rules.map(({ arn }) => arn),
                    },
                ],
            },
            child,
        );
        const target = new EventFunction(
            name,
            {
                part: "merge",
                names: names.function,
                gateRole: "merger",
                description: "Merges pull requests whose commit was published",
                statements: mergeStatements(platform, names, table),
                settings: settingsText,
                environment: {
                    POWERTOOLS_SERVICE_NAME: names.service,
                    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
                    POWERTOOLS_LOG_LEVEL: "INFO",
                },
                timeoutSeconds: 60,
                // Two at once could only be in each other's way.
                concurrency: 1,
                failed: failed.queue,
                platform,
            },
            child,
        );
        new EventRules(
            `${name}-published`,
            {
                rules,
                description: "Images were published",
                statementId: "published",
                targetId: "merge",
                target,
                failed,
                platform,
            },
            child,
        );
        new Alarms(
            `${name}-alarms`,
            {
                area: "merge",
                watched: watchedFunction(
                    "function",
                    "the function that merges pull requests",
                    names.function,
                ),
                alarmTopic,
                platform,
            },
            child,
        );
        this.registerOutputs({ function: names.function.name });
    }
}
