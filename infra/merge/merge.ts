import * as pulumi from "@pulumi/pulumi";
import { readMergeSettings } from "../../gate/merge/mergeSettings";
import type { Platform } from "../application/platform";
import type { AlarmTopic } from "../function/alarms";
import { telemetryEnvironment } from "../function/functionEnvironment";
import type { NameAndArn } from "../function/functionNames";
import { functionOnEvents } from "../function/functionOnEvents";
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
        const { account, naming } = platform;
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
        functionOnEvents(
            name,
            {
                functionName: name,
                part: "merge",
                names: names.function,
                gateRole: "merger",
                description: "Merges pull requests whose commit was published",
                statements: mergeStatements(platform, names, table),
                settings: settingsText,
                environment: telemetryEnvironment(names.service),
                timeoutSeconds: 60,
                // Two at once could only be in each other's way.
                concurrency: 1,
                kinds: [
                    {
                        name: `${name}-published`,
                        statementId: "published",
                        description: "Images were published",
                        rules,
                    },
                ],
                subject: "the function that merges pull requests",
                alarmTopic,
                platform,
            },
            { parent: this },
        );
        this.registerOutputs({ function: names.function.name });
    }
}
