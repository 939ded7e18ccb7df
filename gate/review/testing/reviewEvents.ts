/** Events as EventBridge delivers them (user guides of CodeCommit, CodeBuild and CodePipeline). */
import { uuidOf } from "../../approval/testing/genuineShapes";
import { commitOf } from "./reviewSamples";

const envelope = (source: string, detailType: string, resource: string, detail: object) => ({
    version: "0",
    id: "01234567-89ab-cdef-0123-456789abcdef",
    "detail-type": detailType,
    source,
    account: "123456789012",
    time: "2026-11-22T10:00:00Z",
    region: "eu-west-1",
    resources: [`arn:aws:${resource}`],
    detail,
});

export function pullRequestEvent({
    repository = "portcullis-dev-orders",
    event = "pullRequestCreated",
    id = "7",
    commit = commitOf("a"),
}: { repository?: string; event?: string; id?: string; commit?: string } = {}) {
    const session = "arn:aws:sts::123456789012:assumed-role/Developer/Mary_Major";
    return envelope(
        "aws.codecommit",
        "CodeCommit Pull Request State Change",
        `codecommit:eu-west-1:123456789012:${repository}`,
        {
            author: session,
            callerUserArn: session,
            creationDate: "Sun Nov 22 09:59:58 UTC 2026",
            description: "What it does.",
            destinationCommit: commitOf("b"),
            destinationReference: "refs/heads/main",
            event,
            isMerged: "False",
            lastModifiedDate: "Sun Nov 22 09:59:58 UTC 2026",
            notificationBody: "A pull request event occurred in the following AWS CodeCommit repository.",
            pullRequestId: id,
            pullRequestStatus: "Open",
            repositoryNames: [repository],
            revisionId: "f".repeat(64),
            sourceCommit: commit,
            sourceReference: "refs/heads/feature",
            title: "A change",
        },
    );
}

export function buildEvent({
    build,
    status = "FAILED",
    execution,
    pipeline = "portcullis-dev-orders-review",
}: {
    build: string;
    status?: string;
    /** Value of EXECUTION_ID; no variables unless given. */
    execution?: string;
    pipeline?: string;
}) {
    const project = build.split(":")[0] ?? "";
    const arn = `codebuild:eu-west-1:123456789012:build/${build}`;
    return envelope("aws.codebuild", "CodeBuild Build State Change", arn, {
        "build-status": status,
        "project-name": project,
        "build-id": `arn:aws:${arn}`,
        "additional-information": {
            artifact: { location: "" },
            environment: {
                image: "aws/codebuild/standard:7.0",
                "privileged-mode": false,
                "compute-type": "BUILD_GENERAL1_SMALL",
                type: "LINUX_CONTAINER",
                "environment-variables":
                    execution === undefined
                        ? []
                        : [
                              { name: "COMMIT_ID", type: "PLAINTEXT", value: commitOf("a") },
                              { name: "EXECUTION_ID", type: "PLAINTEXT", value: execution },
                          ],
            },
            "timeout-in-minutes": 60,
            "build-complete": status !== "IN_PROGRESS",
            initiator: `codepipeline/${pipeline}`,
            "build-start-time": "Nov 22, 2026 10:00:00 AM",
            source: { type: "CODEPIPELINE" },
            logs: { "group-name": `/aws/codebuild/${project}` },
            phases: [],
        },
        "current-phase": "COMPLETED",
        "current-phase-context": "[]",
        version: "1",
    });
}

export function executionEvent({
    pipeline = "portcullis-dev-orders-review",
    execution = uuidOf(1),
    state = "FAILED",
    version = 3,
}: { pipeline?: string; execution?: string; state?: string; version?: number | string } = {}) {
    return envelope(
        "aws.codepipeline",
        "CodePipeline Pipeline Execution State Change",
        `codepipeline:eu-west-1:123456789012:${pipeline}`,
        {
            pipeline,
            "execution-id": execution,
            "start-time": "2026-11-22T10:00:00.000Z",
            state,
            version,
            "pipeline-execution-attempt": 1,
        },
    );
}

export function actionEvent({
    pipeline = "portcullis-dev-orders-delivery",
    execution = uuidOf(1),
    stage = "Publish",
    action = "Publish",
    state = "SUCCEEDED",
}: { pipeline?: string; execution?: string; stage?: string; action?: string; state?: string } = {}) {
    return envelope(
        "aws.codepipeline",
        "CodePipeline Action Execution State Change",
        `codepipeline:eu-west-1:123456789012:${pipeline}`,
        {
            pipeline,
            "execution-id": execution,
            stage,
            action,
            state,
            region: "eu-west-1",
            type: { owner: "AWS", provider: "CodeBuild", category: "Build", version: "1" },
            version: 13,
        },
    );
}
