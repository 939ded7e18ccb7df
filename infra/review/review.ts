import * as pulumi from "@pulumi/pulumi";
import { readReviewSettings } from "../../gate/review/reviewSettings";
import type { Platform } from "../application/platform";
import { functionEnvironment } from "../approval/settings";
import { Alarms, watchedFunction, type AlarmTopic } from "../function/alarms";
import { EventFunction } from "../function/eventFunction";
import { EventRules } from "../function/eventRules";
import { FailedQueue } from "../function/failedQueue";
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
        const { account, naming, tags } = platform;
        const names = reviewNames(account, naming);
        this.names = names;
        const settings = reviewSettings(platform, gate, names);
        const settingsText = JSON.stringify(settings);
        const environment = functionEnvironment(settings, names.service);
        // Throws here what would keep the function from starting there.
        readReviewSettings(settingsText, environment);
        const child: pulumi.ComponentResourceOptions = { parent: this };

        const patterns = reviewPatterns(
            account,
            reviewedApplications(platform),
            settings.applications.flatMap(({ steps }) => steps.map(({ project }) => project)),
        );
        const rules = (event: ReviewEvent) =>
            patterns[event].map((eventPattern, index) => ({ ...names.rule(event, index), eventPattern }));

        const failed = new FailedQueue(
            `${name}-failed`,
            {
                queue: names.function.failed,
                tags,
                senders: [
                    {
                        sid: "UndeliveredEvents",
                        service: "events.amazonaws.com",
                        sourceArns: reviewEvents.flatMap((event) => rules(event).map(({ arn }) => arn)),
                    },
                ],
            },
            child,
        );
        const target = new EventFunction(
            name,
            {
                part: "review",
                names: names.function,
                gateRole: "reviewer",
                description: "Starts reviews of pull requests and comments on them",
                statements: reviewStatements(platform, names),
                settings: settingsText,
                environment,
                timeoutSeconds,
                concurrency: 1,
                failed: failed.queue,
                platform,
            },
            child,
        );
        for (const event of reviewEvents) {
            new EventRules(
                `${name}-${event}`,
                {
                    rules: rules(event),
                    description: descriptions[event],
                    statementId: event,
                    targetId: "review",
                    target,
                    failed,
                    platform,
                },
                child,
            );
        }
        new Alarms(
            `${name}-alarms`,
            {
                area: "review",
                watched: watchedFunction(
                    "function",
                    "the function that comments on pull requests",
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
