import * as pulumi from "@pulumi/pulumi";
import { readReviewSettings } from "../../gate/review/reviewSettings";
import type { Platform } from "../application/platform";
import type { AlarmTopic } from "../function/alarms";
import { functionEnvironment } from "../function/functionEnvironment";
import { functionOnEvents } from "../function/functionOnEvents";
import type { GateReference } from "../pipeline/step";
import { reviewPatterns } from "./eventPatterns";
import { reviewedApplications } from "./reviewedApplications";
import { reviewEvents, reviewNames, type ReviewEvent, type ReviewNames } from "./reviewNames";
import { reviewStatements } from "./roleDocuments";
import { reviewSettings } from "./settings";

/** Longest run of the function in seconds: it reads a pipeline's execution, its builds and reports, and writes a comment. */
const timeoutSeconds = 120;

export interface ReviewArgs {
    platform: Platform;
    gate: GateReference;
    alarmTopic: AlarmTopic;
}

const descriptions: Record<ReviewEvent, string> = {
    "pull-requests": "Pull requests were opened or have new commits",
    executions: "Reviews have ended",
    builds: "Steps of reviews have ended",
};

/**
 * The function that starts the review of a CodeCommit pull request, and tells in one comment on each pull request how its
 * review goes, at whatever code host.
 *
 * One at a time (`concurrency`): each event makes it write the whole comment anew from what the services say, and two at
 * once could leave the older news.
 */
export class Review extends pulumi.ComponentResource {
    readonly names: ReviewNames;

    constructor(name: string, args: ReviewArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:review:Review", name, {}, opts);
        const { platform, gate, alarmTopic } = args;
        const { account, naming } = platform;
        const names = reviewNames(account, naming);
        this.names = names;
        const settings = reviewSettings(platform, gate, names);
        const settingsText = JSON.stringify(settings);
        const environment = functionEnvironment(settings, names.service);
        // Throws here what would keep the function from starting there.
        readReviewSettings(settingsText, environment);

        const patterns = reviewPatterns(
            account,
            reviewedApplications(platform),
            settings.applications.flatMap(({ steps }) => steps.map(({ project }) => project)),
        );
        functionOnEvents(
            name,
            {
                functionName: name,
                part: "review",
                names: names.function,
                gateRole: "reviewer",
                description: "Starts reviews of pull requests and comments on them",
                statements: reviewStatements(platform, names),
                settings: settingsText,
                environment,
                timeoutSeconds,
                concurrency: 1,
                kinds: reviewEvents.map((event) => ({
                    name: `${name}-${event}`,
                    statementId: event,
                    description: descriptions[event],
                    rules: patterns[event].map((eventPattern, index) => ({
                        ...names.rule(event, index),
                        eventPattern,
                    })),
                })),
                subject: "the function that comments on pull requests",
                alarmTopic,
                platform,
            },
            { parent: this },
        );
        this.registerOutputs({ function: names.function.name });
    }
}
