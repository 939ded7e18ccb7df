import {
    GetCommentsForPullRequestCommand,
    GetPullRequestCommand,
    ListPullRequestsCommand,
    MergePullRequestByFastForwardCommand,
    PostCommentForPullRequestCommand,
    UpdateCommentCommand,
    type CodeCommitClient,
    type PullRequest as CodeCommitPullRequest,
} from "@aws-sdk/client-codecommit";
import { callService, ServiceError } from "../effects/serviceCalls";
import type { CodeHost, Comment, MergeAnswer, PullRequest } from "./codeHost";

/** "Comments are limited to 10,240 characters" (CodeCommit API reference, CommentContentSizeLimitExceededException). */
const longestComment = 10_240;

/** Pages of comments, or of pull requests, that are read. */
const mostPages = 50;

const branchPrefix = "refs/heads/";

export interface CodeCommitOptions {
    client: CodeCommitClient;
    repository: string;
    /** Name of the function's role, whose session CodeCommit shows as the author; null for a function that does not comment. */
    role: string | null;
    account: { partition: string; accountId: string };
    /** Ends every call. */
    signal: AbortSignal;
}

/**
 * Pull requests in AWS CodeCommit. A comment can be edited by its author alone, and the author of what a function writes
 * is its role's session: `arn:aws:sts::<account>:assumed-role/<role>/<function>`.
 *
 * Merges are fast-forward only: what is in the destination afterwards is the commit that was published, and no other.
 */
export function codeCommitHost({ client, repository, role, account, signal }: CodeCommitOptions): CodeHost {
    const options = { abortSignal: signal };
    const repositoryName = repository;
    const ownAuthor = `arn:${account.partition}:sts::${account.accountId}:assumed-role/${role}/`;
    const at = (id: string): string => `pull request ${id} of ${repository}`;

    async function pullRequest(id: string): Promise<PullRequest | null> {
        const answer = await callService(
            `CodeCommit GetPullRequest of ${at(id)}`,
            () => client.send(new GetPullRequestCommand({ pullRequestId: id }), options),
            { PullRequestDoesNotExistException: () => null },
        );
        if (answer === null) return null;
        return readPullRequest(id, answer.pullRequest);
    }

    function readPullRequest(id: string, given: CodeCommitPullRequest | undefined): PullRequest | null {
        const target = given?.pullRequestTargets?.find((each) => each.repositoryName === repository);
        // Numbers are those of the account: it may be one of another repository.
        if (given?.pullRequestTargets !== undefined && target === undefined) return null;
        const { sourceReference, sourceCommit, destinationReference, destinationCommit } = target ?? {};
        if (!sourceReference || !sourceCommit || !destinationReference || !destinationCommit) {
            throw new ServiceError(`CodeCommit says too little about ${at(id)}; the event is tried again`);
        }
        return {
            id,
            isOpen: given?.pullRequestStatus === "OPEN",
            sourceBranch: branchOf(sourceReference),
            sourceCommit,
            destinationBranch: branchOf(destinationReference),
            destinationCommit,
            isOfRepository: true,
        };
    }

    async function openIds(): Promise<string[]> {
        const ids: string[] = [];
        let nextToken: string | undefined;
        for (let page = 1; page <= mostPages; page += 1) {
            const answer = await callService(`CodeCommit ListPullRequests of ${repository}`, () =>
                client.send(
                    new ListPullRequestsCommand({
                        repositoryName,
                        pullRequestStatus: "OPEN",
                        ...(nextToken === undefined ? {} : { nextToken }),
                    }),
                    options,
                ),
            );
            ids.push(...(answer.pullRequestIds ?? []));
            nextToken = answer.nextToken || undefined;
            if (nextToken === undefined) return ids.sort((a, b) => Number(a) - Number(b));
        }
        throw new ServiceError(`${repository} has too many open pull requests to look through; close some`);
    }

    return {
        longestComment,
        pullRequest,
        async findOwnComment(id, marker) {
            if (role === null) throw new Error("a function that does not comment has no comments");
            let nextToken: string | undefined;
            const own: { comment: Comment; at: number }[] = [];
            for (let page = 1; page <= mostPages; page += 1) {
                const answer = await callService(`CodeCommit GetCommentsForPullRequest of ${at(id)}`, () =>
                    client.send(
                        new GetCommentsForPullRequestCommand({
                            pullRequestId: id,
                            repositoryName,
                            ...(nextToken === undefined ? {} : { nextToken }),
                        }),
                        options,
                    ),
                );
                for (const comment of (answer.commentsForPullRequestData ?? []).flatMap(
                    ({ comments }) => comments ?? [],
                )) {
                    const { commentId, content = "", authorArn = "", deleted, creationDate } = comment;
                    if (deleted === true || commentId === undefined) continue;
                    if (!authorArn.startsWith(ownAuthor) || !content.startsWith(`${marker}\n`)) continue;
                    own.push({ comment: { id: commentId, body: content }, at: Number(creationDate ?? 0) });
                }
                nextToken = answer.nextToken || undefined;
                if (nextToken === undefined) return own.sort((a, b) => a.at - b.at)[0]?.comment ?? null;
            }
            throw new ServiceError(`${at(id)} has too many comments to look through`);
        },
        async createComment({ id, sourceCommit, destinationCommit }, body, token) {
            await callService(`CodeCommit PostCommentForPullRequest of ${at(id)}`, () =>
                client.send(
                    new PostCommentForPullRequestCommand({
                        pullRequestId: id,
                        repositoryName,
                        beforeCommitId: destinationCommit ?? undefined,
                        afterCommitId: sourceCommit,
                        content: body,
                        clientRequestToken: token,
                    }),
                    options,
                ),
            );
        },
        async editComment(id, comment, body) {
            return callService(
                `CodeCommit UpdateComment of ${at(id)}`,
                async () => {
                    await client.send(
                        new UpdateCommentCommand({ commentId: comment.id, content: body }),
                        options,
                    );
                    return "edited" as const;
                },
                { CommentDeletedException: () => "gone", CommentDoesNotExistException: () => "gone" },
            );
        },
        async openPullRequests(source, destination) {
            const found: PullRequest[] = [];
            for (const id of await openIds()) {
                const one = await pullRequest(id);
                if (one?.isOpen && one.sourceBranch === source && one.destinationBranch === destination)
                    found.push(one);
            }
            return found;
        },
        async merge({ id }, commit) {
            const refused =
                (why: string): (() => MergeAnswer) =>
                () => ({ merged: false, why });
            return callService<MergeAnswer, MergeAnswer>(
                `CodeCommit MergePullRequestByFastForward of ${at(id)}`,
                async () => {
                    const { pullRequest: merged } = await client.send(
                        new MergePullRequestByFastForwardCommand({
                            pullRequestId: id,
                            repositoryName,
                            sourceCommitId: commit,
                        }),
                        options,
                    );
                    const isMerged = merged?.pullRequestTargets?.some(
                        ({ mergeMetadata }) => mergeMetadata?.isMerged === true,
                    );
                    return isMerged === true
                        ? { merged: true }
                        : { merged: false, why: "CodeCommit does not say that it was merged" };
                },
                {
                    TipOfSourceReferenceIsDifferentException: refused(
                        "its source branch has newer commits than the published one",
                    ),
                    ManualMergeRequiredException: refused(
                        "its destination has commits that the published one lacks: merge these into the source branch, and publish again",
                    ),
                    PullRequestAlreadyClosedException: refused("somebody has closed it"),
                    PullRequestApprovalRulesNotSatisfiedException: refused(
                        "its approval rules in CodeCommit are not satisfied",
                    ),
                    ReferenceDoesNotExistException: refused("one of its branches is gone"),
                },
            );
        },
    };
}

function branchOf(reference: string): string {
    return reference.startsWith(branchPrefix) ? reference.slice(branchPrefix.length) : reference;
}
