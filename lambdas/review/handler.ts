/**
 * Reviews of pull requests: starts the review of new commits in CodeCommit, and tells the pull request how its review
 * stands. Every event only says where to look; the whole comment is written anew from what is true at that moment.
 */
import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { parseReviewEvent, type ReviewNotice } from "../../gate/review/reviewEvents";
import { pullRequestIn } from "../../gate/review/reviewExecution";
import {
    readReviewSettings,
    type ReviewedApplication,
    type ReviewSettings,
} from "../../gate/review/reviewSettings";
import { openCodeHost } from "../codeHosts/openCodeHost";
import { clientSettings, ServiceError } from "../effects/serviceCalls";
import { eventFunction, type FunctionInvocation } from "../invocation";
import { ReviewPipelines, type PipelineAnswers } from "./reviewPipelines";
import { lookAt, tell, type ReviewTools } from "./tellPullRequest";

const clients = {
    builds: new CodeBuildClient(clientSettings),
    pipelines: new CodePipelineClient(clientSettings),
};

/**
 * Takes an event of EventBridge.
 * @throws for anything else, and whenever the pull request could not be told: the event comes again.
 */
export const handler = eventFunction(readReviewSettings, async (event, invocation): Promise<void> => {
    const { settings } = invocation;
    const notice = parseReviewEvent(event, settings);
    if (notice.kind === "ignored") return log(invocation, "ReviewEventIgnored", { why: notice.why });
    const { application } = notice;
    const tools = {
        builds: clients.builds,
        host: openCodeHost(application.host, settings, invocation),
        invocation,
        pipelines: new ReviewPipelines(clients.pipelines, invocation.signal),
    };
    await (notice.kind === "pullRequest" ? begin(notice, tools) : follow(notice, tools));
});

type Tools = ReviewTools & { pipelines: ReviewPipelines };

/** New commits of a pull request: their review, unless it has begun already. */
async function begin(
    { application, pullRequest: id }: ReviewNotice & { kind: "pullRequest" },
    tools: Tools,
): Promise<void> {
    const { host, pipelines, invocation } = tools;
    const pullRequest = await host.pullRequest(id);
    if (pullRequest?.isOpen !== true) {
        return log(invocation, "ReviewEventIgnored", { why: `the pull request ${id} is not open` });
    }
    const known = await pipelines.newest(application, pullRequest);
    const execution = known ?? (await pipelines.start(application, pullRequest));
    if (known === null)
        log(invocation, "ReviewStarted", { application: application.name, pullRequest: id, execution });
    const answers = await pipelines.ask(application, execution);
    if (answers === null) {
        throw new ServiceError(
            `CodePipeline does not know the execution ${execution} yet; the event is tried again`,
        );
    }
    const review = await lookAt(application, answers, tools);
    const told = await tell(application, pullRequest, review, tools);
    log(invocation, "ReviewTold", {
        application: application.name,
        pullRequest: id,
        execution,
        told,
        outcome: review.outcome,
    });
}

/** Something in a review has ended. */
async function follow(notice: ReviewNotice & { kind: "build" | "execution" }, tools: Tools): Promise<void> {
    const { host, pipelines, invocation } = tools;
    const { application } = notice;
    const ignore = (why: string): void => log(invocation, "ReviewEventIgnored", { why });
    const found = await executionIn(notice, application, pipelines);
    if (typeof found === "string") return ignore(found);
    const id = found.execution.pipelineExecutionId ?? "";
    if (notice.kind === "execution" && notice.isOver && found.execution.status === "InProgress") {
        // No other event would ever put it right.
        throw new ServiceError(
            `CodePipeline does not show yet that ${id} of ${application.pipeline} has ended; the event is tried again`,
        );
    }
    const { pullRequest: number, commit } = pullRequestIn(application, found);
    if (number === null || commit === null) return ignore(`the execution ${id} is about no pull request`);
    const pullRequest = await host.pullRequest(number);
    if (pullRequest === null) return ignore(`there is no pull request ${number}`);
    if (pullRequest.sourceCommit !== commit) {
        return ignore(`the pull request ${number} has newer commits than ${commit}, which ${id} is about`);
    }
    const newest = await pipelines.newest(application, pullRequest);
    if (newest !== null && newest !== id)
        return ignore(`${newest} is a newer review of ${commit} than ${id}`);
    const review = await lookAt(application, found, tools);
    const told = await tell(application, pullRequest, review, tools);
    log(invocation, "ReviewTold", {
        application: application.name,
        pullRequest: number,
        execution: id,
        told,
        outcome: review.outcome,
    });
}

/** What CodePipeline says about the execution that the event is about; a text says why there is none. */
async function executionIn(
    notice: ReviewNotice & { kind: "build" | "execution" },
    application: ReviewedApplication,
    pipelines: ReviewPipelines,
): Promise<PipelineAnswers | string> {
    const execution =
        notice.execution ??
        (notice.kind === "build" ? await pipelines.executionOf(application, notice.build) : null);
    const what = notice.kind === "build" ? `the build ${notice.build}` : `the execution ${notice.execution}`;
    if (execution === null) return `${what} belongs to no review`;
    return (
        (await pipelines.ask(application, execution)) ?? `CodePipeline does not know the execution of ${what}`
    );
}

/** Each fact as a log entry, and as a metric of its name that counts one. */
function log(
    { telemetry: { logger, metrics } }: FunctionInvocation<ReviewSettings>,
    fact: "ReviewEventIgnored" | "ReviewStarted" | "ReviewTold",
    details: Record<string, unknown>,
): void {
    logger.info(fact, { fact, details });
    metrics.addMetric(fact, "Count", 1);
}
