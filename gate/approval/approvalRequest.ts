/** The words of the approval protocol: what is asked, and about which image. */

/** What the approval's custom data says; made by `approvalQuestion`, filled in by CodePipeline. */
export interface ApprovalSubject {
    application: string;
    /** `sha256:` and 64 hexadecimal digits. */
    digest: string;
    /** The candidate image, `<registry>/<repository>@<digest>`. */
    image: string;
    /** The pipeline execution's id, a UUID. */
    execution: string;
    /** The commit's id, 40 hexadecimal digits. */
    commit: string;
}

/** One approval action that waits, as CodePipeline announced it. The token is what tells two of them apart. */
export interface ApprovalRequest {
    pipeline: string;
    stage: string;
    action: string;
    /** A UUID; what `PutApprovalResult` needs. */
    token: string;
    /** When CodePipeline itself gives up waiting; ISO 8601, UTC. */
    expiresAt: string;
    /** When the request was recorded first; ISO 8601, UTC. */
    receivedAt: string;
    /** From then on a missing scan is a rejection; ISO 8601, UTC; before `expiresAt`. */
    decideBy: string;
    /** Null where the custom data could not be read or contradicts the pipeline; `problem` then says why. */
    subject: ApprovalSubject | null;
    problem: string | null;
}

/** Key of a request: one item for each token, so a stage that is retried asks anew. */
export interface RequestKey {
    /** The subject's digest, or `unreadable`. */
    digest: string;
    /** The subject's execution, or `unreadable`. */
    execution: string;
    token: string;
}

export const unreadable = "unreadable";

export function requestKey({ subject, token }: Pick<ApprovalRequest, "subject" | "token">): RequestKey {
    return { digest: subject?.digest ?? unreadable, execution: subject?.execution ?? unreadable, token };
}
