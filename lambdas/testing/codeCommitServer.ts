import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";
import { checkInput, type MemberRule } from "./inputRules";
import { onTheWire } from "./wireFormat";

export interface SamplePullRequest {
    repository: string;
    status: "OPEN" | "CLOSED";
    sourceBranch: string;
    sourceCommit: string;
    destinationBranch: string;
    destinationCommit: string;
    /** Whether the destination has commits that the source lacks. */
    needsManualMerge?: boolean;
}

export interface SampleComment {
    commentId: string;
    pullRequestId: string;
    authorArn: string;
    content: string;
    deleted: boolean;
    creationDate: Date;
}

/** "Comments are limited to 10,240 characters." */
const longestComment = 10_240;

const text: MemberRule = { type: "string", minimum: 1 };
const required: MemberRule = { ...text, required: true };
const commit: MemberRule = { ...required, pattern: /^[0-9a-f]{40}$/ };
const repositoryName: MemberRule = { ...text, maximum: 100, pattern: /^[\w.-]+$/ };

/** Inputs of the operations that the functions use (API reference of CodeCommit 2015-04-13). */
const operations: Record<string, Record<string, MemberRule>> = {
    GetPullRequest: { pullRequestId: required },
    GetCommentsForPullRequest: { pullRequestId: required, repositoryName, nextToken: text },
    PostCommentForPullRequest: {
        pullRequestId: required,
        repositoryName: { ...repositoryName, required: true },
        beforeCommitId: commit,
        afterCommitId: commit,
        content: required,
        clientRequestToken: text,
    },
    UpdateComment: { commentId: required, content: required },
    ListPullRequests: {
        repositoryName: { ...repositoryName, required: true },
        pullRequestStatus: { type: "string", values: ["OPEN", "CLOSED"] },
        nextToken: text,
    },
    MergePullRequestByFastForward: {
        pullRequestId: required,
        repositoryName: { ...repositoryName, required: true },
        sourceCommitId: commit,
    },
};

/** Pull requests and comments of AWS CodeCommit, as far as the functions need them. */
export class CodeCommitServer extends AwsJsonServer {
    readonly pullRequests = new Map<string, SamplePullRequest>();
    readonly comments: SampleComment[] = [];
    /** Comments, and pull requests, in one answer. */
    pageSize = 100;
    /** ARN under which a principal's session shows. */
    sessionArn: (principal: string) => string;
    private readonly tokens = new Map<string, { input: string; commentId: string }>();

    constructor(options: AwsServerOptions) {
        super("codecommit", options, { version: "1.1", target: "CodeCommit_20150413" });
        this.sessionArn = (principal) =>
            `arn:aws:sts::${options.account.accountId}:assumed-role/${principal}/${principal}`;
    }

    reset(): void {
        this.pullRequests.clear();
        this.comments.length = 0;
        this.tokens.clear();
        this.pageSize = 100;
    }

    /** Comments of a pull request that can be read, the oldest first. */
    commentsOn(id: string): SampleComment[] {
        return this.comments.filter(({ pullRequestId, deleted }) => pullRequestId === id && !deleted);
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        const rules = operations[operation];
        if (rules === undefined)
            throw new Refusal("UnknownOperationException", `the fake does not know ${operation}`);
        const { partition, region, accountId } = this.options.account;
        const byComment = this.comments.find(
            ({ commentId }) => commentId === input["commentId"],
        )?.pullRequestId;
        const repository =
            input["repositoryName"] ??
            this.pullRequests.get(String(input["pullRequestId"] ?? byComment))?.repository ??
            "*";
        const resource = `arn:${partition}:codecommit:${region}:${accountId}:${String(repository)}`;
        const merged = this.pullRequests.get(String(input["pullRequestId"]))?.destinationBranch;
        return {
            operation,
            input,
            permissions: [
                {
                    action: `codecommit:${operation}`,
                    resource,
                    ...(operation.startsWith("Merge")
                        ? { context: { "codecommit:References": `refs/heads/${merged}` } }
                        : {}),
                },
            ],
        };
    }

    protected async carryOut(call: AwsCall): Promise<(response: ServerResponse) => void> {
        const { operation, input, principal } = call;
        checkInput(input, operations[operation] ?? {}, "InvalidParameterException");
        const answers: Record<string, () => unknown> = {
            GetPullRequest: () => ({ pullRequest: this.shown(String(input["pullRequestId"])) }),
            GetCommentsForPullRequest: () => this.listComments(input),
            PostCommentForPullRequest: () => this.post(input, principal),
            UpdateComment: () => this.update(input, principal),
            ListPullRequests: () => this.list(input),
            MergePullRequestByFastForward: () => this.merge(input),
        };
        const body = answers[operation]?.();
        return (response) => this.answer(response, onTheWire(body));
    }

    private find(id: string): SamplePullRequest {
        const found = this.pullRequests.get(id);
        if (found === undefined)
            throw new Refusal("PullRequestDoesNotExistException", `There is no pull request ${id}`);
        return found;
    }

    private shown(id: string): unknown {
        const found = this.find(id);
        return {
            pullRequestId: id,
            title: "A change",
            pullRequestStatus: found.status,
            authorArn: "arn:aws:iam::123456789012:user/Mary_Major",
            pullRequestTargets: [
                {
                    repositoryName: found.repository,
                    sourceReference: `refs/heads/${found.sourceBranch}`,
                    sourceCommit: found.sourceCommit,
                    destinationReference: `refs/heads/${found.destinationBranch}`,
                    destinationCommit: found.destinationCommit,
                    mergeMetadata: { isMerged: found.status === "CLOSED" },
                },
            ],
        };
    }

    private page<Item>(items: readonly Item[], token: unknown): { items: Item[]; nextToken?: string } {
        const from = token === undefined ? 0 : Number(/^page-(\d+)$/.exec(String(token))?.[1]);
        if (Number.isNaN(from)) throw new Refusal("InvalidContinuationTokenException", "not a token of ours");
        const end = from + this.pageSize;
        return { items: items.slice(from, end), ...(end < items.length ? { nextToken: `page-${end}` } : {}) };
    }

    private listComments({ pullRequestId, nextToken }: Record<string, unknown>): unknown {
        const { repository } = this.find(String(pullRequestId));
        // What was deleted stays in the list, without its text.
        const all = this.comments
            .filter((comment) => comment.pullRequestId === pullRequestId)
            .map((comment) => (comment.deleted ? { ...comment, content: undefined } : comment));
        const { items, ...next } = this.page(all, nextToken);
        return {
            commentsForPullRequestData: items.map((comment) => ({
                pullRequestId,
                repositoryName: repository,
                comments: [comment],
            })),
            ...next,
        };
    }

    private post(input: Record<string, unknown>, principal: string): unknown {
        const {
            pullRequestId,
            repositoryName: name,
            afterCommitId,
            content,
            clientRequestToken: token,
        } = input;
        const { repository } = this.find(String(pullRequestId));
        if (repository !== name)
            throw new Refusal("RepositoryNotAssociatedWithPullRequestException", "another repository's");
        checkContent(content);
        const known = this.tokens.get(String(token));
        if (token !== undefined && known !== undefined) {
            if (known.input !== JSON.stringify(input))
                throw new Refusal("IdempotencyParameterMismatchException", "the token was used otherwise");
            return { comment: this.comments.find(({ commentId }) => commentId === known.commentId) };
        }
        const comment = {
            commentId: randomUUID(),
            pullRequestId: String(pullRequestId),
            authorArn: this.sessionArn(principal),
            content: String(content),
            deleted: false,
            creationDate: this.options.now(),
        };
        this.comments.push(comment);
        if (token !== undefined)
            this.tokens.set(String(token), { input: JSON.stringify(input), commentId: comment.commentId });
        return { repositoryName: name, pullRequestId, afterCommitId, comment };
    }

    private update({ commentId, content }: Record<string, unknown>, principal: string): unknown {
        const comment = this.comments.find((each) => each.commentId === commentId);
        if (comment === undefined) throw new Refusal("CommentDoesNotExistException", "no such comment");
        if (comment.deleted) throw new Refusal("CommentDeletedException", "the comment was deleted");
        if (comment.authorArn !== this.sessionArn(principal))
            throw new Refusal("CommentNotCreatedByCallerException", `written by ${comment.authorArn}`);
        checkContent(content);
        comment.content = String(content);
        return { comment };
    }

    private list({ repositoryName: name, pullRequestStatus, nextToken }: Record<string, unknown>): unknown {
        const all = [...this.pullRequests]
            .filter(([, { repository, status }]) => repository === name && status === pullRequestStatus)
            .map(([id]) => id)
            .reverse();
        const { items, ...next } = this.page(all, nextToken);
        return { pullRequestIds: items, ...next };
    }

    private merge({ pullRequestId, sourceCommitId }: Record<string, unknown>): unknown {
        const found = this.find(String(pullRequestId));
        if (found.status !== "OPEN") throw new Refusal("PullRequestAlreadyClosedException", "it is closed");
        if (sourceCommitId !== undefined && sourceCommitId !== found.sourceCommit)
            throw new Refusal("TipOfSourceReferenceIsDifferentException", `the tip is ${found.sourceCommit}`);
        if (found.needsManualMerge) throw new Refusal("ManualMergeRequiredException", "no fast-forward");
        found.status = "CLOSED";
        found.destinationCommit = found.sourceCommit;
        return { pullRequest: this.shown(String(pullRequestId)) };
    }
}

function checkContent(content: unknown): void {
    if ([...String(content)].length > longestComment)
        throw new Refusal(
            "CommentContentSizeLimitExceededException",
            "Comments are limited to 10,240 characters.",
        );
}
