/**
 * Merges the pull request of a commit once the image that was built from it is published: only if the gate approved that
 * image in that execution, and only if that commit still is the newest of the pull request.
 */
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readApprovals } from "../../gate/approval/readApprovals";
import { choosePullRequest, doubtAboutApproval, publishedImage } from "../../gate/merge/decideMerge";
import { parsePublishEvent } from "../../gate/merge/mergeEvent";
import {
    readMergeSettings,
    type MergedApplication,
    type MergeSettings,
} from "../../gate/merge/mergeSettings";
import { openCodeHost } from "../codeHosts/openCodeHost";
import { clientSettings } from "../effects/serviceCalls";
import { eventFunction, type FunctionInvocation } from "../invocation";
import { actionsOf } from "./actionExecutions";

const clients = {
    pipelines: new CodePipelineClient(clientSettings),
    dynamodb: new DynamoDBClient(clientSettings),
};

/**
 * Takes an event of EventBridge.
 * @throws for anything else, and when something that the decision needs could not be asked: the event comes again.
 */
export const handler = eventFunction(readMergeSettings, async (event, invocation): Promise<void> => {
    const notice = parsePublishEvent(event, invocation.settings);
    if ("ignored" in notice) return log(invocation, "PublishIgnored", { why: notice.ignored });
    const { application, execution } = notice;
    const outcome = await mergePublished(application, execution, invocation);
    const { fact, ...details } = outcome;
    log(invocation, fact, { application: application.name, execution, ...details });
});

type Outcome =
    | { fact: "NotMerged"; why: string; commit?: string; pullRequest?: string }
    | { fact: "PullRequestMerged"; commit: string; pullRequest: string };

async function mergePublished(
    application: MergedApplication,
    execution: string,
    invocation: FunctionInvocation<MergeSettings>,
): Promise<Outcome> {
    const { settings, signal } = invocation;
    const actions = await actionsOf(clients.pipelines, application.pipeline, execution, signal);
    const image = publishedImage(application, execution, actions);
    if ("notMerged" in image) return { fact: "NotMerged", why: image.notMerged };
    const { commit, digest } = image;
    const records = await readApprovals(clients.dynamodb, { table: settings.table, digest, signal });
    for (const { request } of records) invocation.telemetry.tokens.learn(request.token);
    const doubt = doubtAboutApproval(application, execution, image, records);
    if (doubt !== null) return { fact: "NotMerged", why: doubt.notMerged, commit };
    const host = openCodeHost(application.host, { role: null, account: settings.account }, invocation);
    const open = await host.openPullRequests(application.branch, application.mergeInto);
    const chosen = choosePullRequest(application, commit, open);
    if ("notMerged" in chosen) return { fact: "NotMerged", why: chosen.notMerged, commit };
    const answer = await host.merge(chosen, commit);
    return answer.merged
        ? { fact: "PullRequestMerged", commit, pullRequest: chosen.id }
        : { fact: "NotMerged", why: answer.why, commit, pullRequest: chosen.id };
}

/** Each fact as a log entry, and as a metric of its name that counts one. */
function log(
    { telemetry: { logger, metrics } }: FunctionInvocation<MergeSettings>,
    fact: "PublishIgnored" | Outcome["fact"],
    details: Record<string, unknown>,
): void {
    logger.info(fact, { fact, details });
    metrics.addMetric(fact, "Count", 1);
}
