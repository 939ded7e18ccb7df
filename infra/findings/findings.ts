import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { readFindingsSettings } from "../../gate/findings/findingsSettings";
import type { Platform } from "../application/platform";
import type { AlarmTopic } from "../function/alarms";
import { functionEnvironment } from "../function/functionEnvironment";
import { functionOnEvents } from "../function/functionOnEvents";
import { findingsNames, type FindingsNames } from "./findingsNames";
import { findingsRoleStatements } from "./roleDocument";
import { evidencePattern, findingsSettings, releasePatterns } from "./settings";

/**
 * Longest run in seconds: reading a report takes seconds, and Security Hub takes ten requests of a hundred findings
 * each, and answers three questions, in a second.
 */
const timeoutSeconds = 300;

export interface FindingsArgs {
    alarmTopic: AlarmTopic;
    /** `foundations`: the approval table among them. */
    platform: Platform;
}

/**
 * What the scanners find, in AWS Security Hub: imported with every report that is stored as evidence, archived when it
 * is over. Where `securityHub.mode` is `off`, there is none of this.
 *
 * With the mode `enable` the stack switches Security Hub on, without any standard: which controls an account wants to be
 * checked by, and pays for, is for its owners to say. `pulumi destroy` switches it off again, and Security Hub then
 * deletes the account's findings after 90 days; where anybody else uses it, the mode is `existing`.
 */
export class Findings extends pulumi.ComponentResource {
    readonly names: FindingsNames;

    constructor(name: string, args: FindingsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:findings:Findings", name, {}, opts);
        const { alarmTopic, platform } = args;
        const { account, naming, config } = platform;
        const names = findingsNames(account, naming);
        const settings = findingsSettings(platform);
        const settingsText = JSON.stringify(settings);
        // Throws here what would keep the function from starting there.
        readFindingsSettings(settingsText);
        const child: pulumi.ComponentResourceOptions = { parent: this };
        this.names = names;

        const hub =
            config.securityHub.mode === "enable"
                ? [new aws.securityhub.Account(`${name}-hub`, { enableDefaultStandards: false }, child)]
                : [];
        const releases = releasePatterns(platform).map((eventPattern, index) => ({
            ...names.releaseRule(index),
            eventPattern,
        }));
        functionOnEvents(
            name,
            {
                functionName: `${name}-function`,
                part: "findings",
                names: names.function,
                gateRole: "importer",
                description: "Imports what scanners found into AWS Security Hub",
                statements: findingsRoleStatements(platform, names),
                settings: settingsText,
                environment: functionEnvironment(settings, names.service),
                timeoutSeconds,
                // Two at once could each archive what the other has just imported.
                concurrency: 1,
                kinds: [
                    {
                        name: `${name}-events`,
                        statementId: "findings",
                        description: "Scan reports are stored, images are published",
                        rules: [
                            { ...names.evidenceRule, eventPattern: evidencePattern(platform) },
                            ...releases,
                        ],
                    },
                ],
                subject: "the function that imports findings",
                alarmTopic,
                platform: { ...platform, foundations: [...platform.foundations, ...hub] },
            },
            child,
        );
        this.registerOutputs({ function: names.function.name });
    }
}
