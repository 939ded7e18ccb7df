import { createHash } from "node:crypto";
import type { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { commentMarker, renderReview } from "../../gate/review/renderReview";
import { assembleReview, type Review } from "../../gate/review/review";
import { buildIdsIn, readExecutionAnswers } from "../../gate/review/reviewExecution";
import type { ReviewedApplication, ReviewSettings } from "../../gate/review/reviewSettings";
import type { CodeHost, PullRequest } from "../codeHosts/codeHost";
import type { FunctionInvocation } from "../invocation";
import { askBuilds, askEvidence } from "./reviewEvidence";
import type { PipelineAnswers } from "./reviewPipelines";

/** What became of telling. */
export type Told = "created" | "edited" | "unchanged";

export interface ReviewTools {
    builds: CodeBuildClient;
    host: CodeHost;
    invocation: FunctionInvocation<ReviewSettings>;
}

/** The review as it stands now, out of everything that was asked. */
export async function lookAt(
    application: ReviewedApplication,
    { execution, actions }: PipelineAnswers,
    { builds: client, invocation: { settings, signal } }: Pick<ReviewTools, "builds" | "invocation">,
): Promise<Review> {
    const ids = buildIdsIn(application, actions);
    const builds = await askBuilds(client, ids, signal);
    const state = readExecutionAnswers(application, { execution, actions, builds });
    const { checks, scans } = await askEvidence(settings, application.name, state, signal);
    return assembleReview({ application, policy: settings.policy, execution: state, checks, scans });
}

/** Writes the one comment anew; a new one when there is none, or when somebody has deleted it. */
export async function tell(
    application: ReviewedApplication,
    pullRequest: PullRequest,
    review: Review,
    { host, invocation: { settings, owner } }: Pick<ReviewTools, "host" | "invocation">,
): Promise<Told> {
    const body = renderReview(review, settings, application.pipeline, host.longestComment);
    const own = await host.findOwnComment(pullRequest.id, commentMarker(settings, application.name));
    if (own !== null) {
        if (own.body.trimEnd() === body.trimEnd()) return "unchanged";
        if ((await host.editComment(pullRequest.id, own, body)) === "edited") return "edited";
    }
    // The same for the repetitions of one event; another event after a deletion is another attempt.
    const token = createHash("sha256")
        .update(JSON.stringify([owner, pullRequest.id, body]))
        .digest("hex");
    await host.createComment(pullRequest, body, token);
    return "created";
}
