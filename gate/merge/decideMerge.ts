/** Which pull request is merged once its commit was published, and why not. Pure. */
import type { ActionExecutionDetail } from "@aws-sdk/client-codepipeline";
import { approvedRecord } from "../approval/approvedRecord";
import { digestPattern } from "../approval/foreignJson";
import type { RequestRecord } from "../approval/records";
import { latestRun } from "../review/reviewExecution";
import { digestVariable, sourceAction, sourceVariables } from "../review/reviewPipeline";
import { commitPattern } from "../verify/checkReport";
import type { MergedApplication } from "./mergeSettings";

/** Why nothing is merged: one line. It is no error, the image is published all the same. */
export interface NotMerged {
    notMerged: string;
}

/** What an execution has built. */
export interface BuiltImage {
    commit: string;
    /** `sha256:` and 64 hexadecimal digits. */
    digest: string;
}

/**
 * What was published in an execution, by what CodePipeline says about its actions, each in its newest run: the action
 * that publishes succeeded, and the source and build actions say which commit and which digest it was.
 */
export function publishedImage(
    application: MergedApplication,
    execution: string,
    actions: readonly ActionExecutionDetail[],
): BuiltImage | NotMerged {
    const published = latestRun(actions, execution, application.publish);
    if (published?.status !== "Succeeded") {
        return {
            notMerged: `CodePipeline says that ${application.publish.action} is ${published?.status ?? "not run"}`,
        };
    }
    const commit = outputOf(latestRun(actions, execution, sourceAction), sourceVariables.commit);
    const digest = outputOf(latestRun(actions, execution, application.build), digestVariable);
    if (commit === undefined || !commitPattern.test(commit)) {
        return { notMerged: `the execution ${execution} does not say which commit it is about` };
    }
    if (digest === undefined || !digestPattern.test(digest)) {
        return { notMerged: `the execution ${execution} does not say which image it has built` };
    }
    return { commit, digest };
}

function outputOf(run: ActionExecutionDetail | undefined, name: string): string | undefined {
    return run?.status === "Succeeded" ? run.output?.outputVariables?.[name] : undefined;
}

/**
 * Whether the image was approved in that very execution, and for that commit.
 * @param records every request record of the digest, read with strong consistency.
 * @returns null when it was.
 */
export function doubtAboutApproval(
    { name, pipeline }: MergedApplication,
    execution: string,
    { commit, digest }: BuiltImage,
    records: readonly RequestRecord[],
): NotMerged | null {
    const answer = approvedRecord(records, { application: name, digest, execution });
    if (answer.kind === "refused") return { notMerged: answer.reason };
    const { request } = answer.record;
    if (request.pipeline !== pipeline) {
        return { notMerged: `it was approved in the pipeline ${request.pipeline}, not in ${pipeline}` };
    }
    if (request.subject?.commit !== commit) {
        return {
            notMerged: `the approval is about commit ${request.subject?.commit}, and ${commit} was published`,
        };
    }
    return null;
}

/** As much of a pull request as is decided on. */
export interface OpenPullRequest {
    id: string;
    sourceCommit: string;
    /** Whether its branch is one of the repository itself, and not of a fork. */
    isOfRepository: boolean;
}

/**
 * Which of the open pull requests between the two branches is merged: the one with the lowest number whose newest commit
 * is the published one.
 */
export function choosePullRequest<Candidate extends OpenPullRequest>(
    { branch, mergeInto }: MergedApplication,
    commit: string,
    open: readonly Candidate[],
): Candidate | NotMerged {
    const own = open.filter(({ isOfRepository }) => isOfRepository);
    const [first] = own;
    if (first === undefined) return { notMerged: `no pull request from ${branch} into ${mergeInto} is open` };
    const [chosen] = own
        .filter(({ sourceCommit }) => sourceCommit === commit)
        .sort((a, b) => Number(a.id) - Number(b.id));
    return (
        chosen ?? {
            notMerged: `the pull request ${first.id} is at ${first.sourceCommit}, and ${commit} was published: it is merged when that is`,
        }
    );
}
