/** What the functions want of whoever hosts an application's repository: AWS CodeCommit, GitHub or GitLab. */

export interface PullRequest {
    id: string;
    isOpen: boolean;
    sourceBranch: string;
    /** Full id of the newest commit of the source branch. */
    sourceCommit: string;
    destinationBranch: string;
    /** Full id of the destination's commit that it is compared with; null where the host does not say. */
    destinationCommit: string | null;
    /** Whether the source branch is one of the repository itself, and not of a fork. */
    isOfRepository: boolean;
}

export interface Comment {
    id: string;
    body: string;
}

/** What became of a merge; a host that refuses says why, in one line. */
export type MergeAnswer = { merged: true } | { merged: false; why: string };

/**
 * The pull requests of one repository. Every method throws a `ServiceError` when the host cannot be asked, or answers
 * something that makes no sense.
 */
export interface CodeHost {
    /** Longest comment in bytes of UTF-8. */
    readonly longestComment: number;
    /** Null when there is none of this number. */
    pullRequest(id: string): Promise<PullRequest | null>;
    /** The oldest comment that we wrote and that begins with this line; null when there is none. */
    findOwnComment(id: string, marker: string): Promise<Comment | null>;
    /** @param token equal for repetitions of one attempt, for hosts that can tell them by it. */
    createComment(pullRequest: PullRequest, body: string, token: string): Promise<void>;
    /** `gone`: somebody has deleted it. */
    editComment(id: string, comment: Comment, body: string): Promise<"edited" | "gone">;
    /** Open pull requests from one branch of the repository into another, the lowest number first. */
    openPullRequests(source: string, destination: string): Promise<PullRequest[]>;
    /** Merges on the condition that this commit still is the newest of the source branch. */
    merge(pullRequest: PullRequest, commit: string): Promise<MergeAnswer>;
}

/** A comment with the line ends that it was written with: a browser in which somebody edits it brings its own. */
export function lineFeeds(text: string): string {
    return text.replaceAll("\r\n", "\n");
}
