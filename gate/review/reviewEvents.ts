/** What EventBridge delivers to the function that tells about reviews. */
import { objectOf, shown, uuidPattern } from "../approval/foreignJson";
import { executionVariable } from "./reviewPipeline";
import type { ReviewedApplication, ReviewSettings } from "./reviewSettings";

/** An event about something of ours that cannot be believed. One line; it has to fail the invocation and end in the queue. */
export class ReviewEventError extends Error {
    override name = "ReviewEventError";
}

/** What an event is about. It says only where to look: how things stand is asked. */
export type ReviewNotice =
    | { kind: "pullRequest"; application: ReviewedApplication; pullRequest: string }
    | {
          kind: "execution";
          application: ReviewedApplication;
          execution: string;
          /** Whether it never runs again by what the event says; after a failure a stage can be retried. */
          isOver: boolean;
      }
    | {
          kind: "build";
          application: ReviewedApplication;
          /** `<project>:<uuid>`. */
          build: string;
          /** The execution that the build says it belongs to; null when it does not say. */
          execution: string | null;
      }
    | { kind: "ignored"; why: string };

type Envelope = Record<string, unknown> & { detail: Record<string, unknown> };

/** Events of pull requests that bring commits (AWS CodeCommit User Guide, "Monitoring CodeCommit events"). */
const pullRequestEvents = ["pullRequestCreated", "pullRequestSourceBranchUpdated"];

/** States in which something still runs: another event follows. */
const runningBuilds = ["IN_PROGRESS"];
const runningExecutions = ["STARTED", "RESUMED", "STOPPING"];

/**
 * Reads an event. Those of other kinds, accounts, regions, repositories, projects and pipelines are ignored: they are
 * no business of this stack, and no error.
 * @throws ReviewEventError for what is not an event, and for an event about something of ours that is malformed or
 * contradicts itself.
 */
export function parseReviewEvent(event: unknown, settings: ReviewSettings): ReviewNotice {
    const envelope = objectOf(event);
    if (envelope === null || typeof envelope.source !== "string") {
        throw new ReviewEventError("the event is not one of EventBridge: see who invoked the function");
    }
    const kind = `${String(envelope["detail-type"])} of ${envelope.source}`;
    const read = readers[kind];
    if (read === undefined) return ignored(`${shown(kind)} is no news of a review`);
    const { account } = settings;
    if (envelope.account !== account.accountId || envelope.region !== account.region) {
        return ignored(`it is of account ${shown(envelope.account)} in ${shown(envelope.region)}`);
    }
    const detail = objectOf(envelope.detail);
    if (detail === null) throw malformed(envelope, `its detail is ${shown(envelope.detail)}`);
    return read({ ...envelope, detail }, settings);
}

const readers: Record<string, (envelope: Envelope, settings: ReviewSettings) => ReviewNotice> = {
    "CodeCommit Pull Request State Change of aws.codecommit": readPullRequest,
    "CodeBuild Build State Change of aws.codebuild": readBuild,
    "CodePipeline Pipeline Execution State Change of aws.codepipeline": readExecution,
};

function ignored(why: string): ReviewNotice {
    return { kind: "ignored", why };
}

function malformed(envelope: Record<string, unknown>, what: string): ReviewEventError {
    return new ReviewEventError(
        `the event ${shown(envelope.id)} of ${shown(envelope.source)} cannot be believed: ${what}; ` +
            "see what sent it, and put it back into the function when it is genuine",
    );
}

function readPullRequest(envelope: Envelope, { applications, account }: ReviewSettings): ReviewNotice {
    const { event, repositoryNames: names, pullRequestId: id } = envelope.detail;
    if (!Array.isArray(names) || names.length === 0) {
        throw malformed(envelope, `its repositoryNames are ${shown(names)}`);
    }
    const application = applications.find(
        ({ host }) => host.type === "codecommit" && names.includes(host.repository),
    );
    if (application === undefined)
        return ignored(`the repository ${shown(names[0])} is none of this stack's`);
    const { repository } = application.host;
    const arn = `arn:${account.partition}:codecommit:${account.region}:${account.accountId}:${repository}`;
    const { resources } = envelope;
    if (Array.isArray(resources) && resources.length > 0 && !resources.includes(arn)) {
        throw malformed(envelope, `it is about ${repository}, and its resources name ${shown(resources[0])}`);
    }
    if (typeof event !== "string") throw malformed(envelope, `its event is ${shown(event)}`);
    if (!pullRequestEvents.includes(event)) return ignored(`${shown(event)} brings no commits`);
    if (typeof id !== "string" || !/^\d{1,18}$/.test(id)) {
        throw malformed(envelope, `its pullRequestId is ${shown(id)}`);
    }
    return { kind: "pullRequest", application, pullRequest: id };
}

function readBuild(envelope: Envelope, { applications, account }: ReviewSettings): ReviewNotice {
    const { "project-name": project, "build-status": status, "build-id": id } = envelope.detail;
    const application = applications.find(({ steps }) => steps.some((step) => step.project === project));
    if (application === undefined || typeof project !== "string")
        return ignored(`the project ${shown(project)} is none of this stack's`);
    if (typeof status !== "string") throw malformed(envelope, `its build-status is ${shown(status)}`);
    if (runningBuilds.includes(status)) return ignored(`the build of ${project} has not ended`);
    const arn = `arn:${account.partition}:codebuild:${account.region}:${account.accountId}:build/`;
    const build = typeof id === "string" && id.startsWith(arn) ? id.slice(arn.length) : id;
    if (
        typeof build !== "string" ||
        !build.startsWith(`${project}:`) ||
        !/^[\w-]+:[\w-]{1,100}$/.test(build)
    ) {
        throw malformed(envelope, `its build-id is ${shown(id)}, which is no build of ${project}`);
    }
    return { kind: "build", application, build, execution: executionOf(envelope.detail) };
}

/** What the pipeline told the build; only where to look, so that anything else than an id is as good as nothing. */
function executionOf(detail: Record<string, unknown>): string | null {
    const environment = objectOf(objectOf(detail["additional-information"])?.["environment"]);
    const variables = environment?.["environment-variables"];
    if (!Array.isArray(variables)) return null;
    const value = variables.map(objectOf).find((variable) => variable?.["name"] === executionVariable)?.[
        "value"
    ];
    return typeof value === "string" && uuidPattern.test(value) ? value : null;
}

function readExecution(envelope: Envelope, { applications }: ReviewSettings): ReviewNotice {
    const { pipeline, state, "execution-id": execution } = envelope.detail;
    const application = applications.find((each) => each.pipeline === pipeline);
    if (application === undefined)
        return ignored(`the pipeline ${shown(pipeline)} is no review of this stack`);
    if (typeof state !== "string") throw malformed(envelope, `its state is ${shown(state)}`);
    if (runningExecutions.includes(state))
        return ignored(`the execution of ${application.pipeline} has not ended`);
    if (typeof execution !== "string" || !uuidPattern.test(execution)) {
        throw malformed(envelope, `its execution-id is ${shown(execution)}`);
    }
    return { kind: "execution", application, execution, isOver: state !== "FAILED" };
}
