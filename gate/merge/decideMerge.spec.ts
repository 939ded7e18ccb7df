import assert from "node:assert/strict";
import { digestOf, uuidOf } from "../approval/testing/genuineShapes";
import { after, commitOf } from "../review/testing/reviewSamples";
import { actionEvent, executionEvent } from "../review/testing/reviewEvents";
import { choosePullRequest, doubtAboutApproval, publishedImage } from "./decideMerge";
import { MergeEventError, parsePublishEvent } from "./mergeEvent";
import { readMergeSettings } from "./mergeSettings";
import {
    approvalRecord,
    mergedApplication,
    mergeSettings,
    publishedCommit,
    publishedDigest,
    releaseActions,
    releaseId,
} from "./testing/mergeSamples";

const application = mergedApplication();
const settings = mergeSettings();
const image = { commit: publishedCommit, digest: publishedDigest };

describe("an event of the pipeline", () => {
    const event = actionEvent({ pipeline: application.pipeline, execution: releaseId });

    it("says that something was published", () => {
        assert.deepEqual(parsePublishEvent(event, settings), { application, execution: releaseId });
    });

    it("is ignored when it is another's, or another action, or no success", () => {
        const others = [
            actionEvent({ pipeline: "portcullis-dev-orders-review" }),
            actionEvent({ pipeline: application.pipeline, action: "Deploy" }),
            actionEvent({ pipeline: application.pipeline, stage: "Stage" }),
            actionEvent({ pipeline: application.pipeline, state: "FAILED" }),
            executionEvent({ pipeline: application.pipeline, state: "SUCCEEDED" }),
            { ...event, account: "210987654321" },
            { ...event, region: "us-east-1" },
            { ...event, detail: null },
        ];
        for (const other of others)
            assert.ok("ignored" in parsePublishEvent(other, settings), JSON.stringify(other));
    });

    it("fails when it is none, or names no execution", () => {
        for (const other of [
            null,
            "",
            {},
            { ...event, detail: { ...event.detail, "execution-id": "latest" } },
        ])
            assert.throws(() => parsePublishEvent(other, settings), MergeEventError);
    });
});

describe("what was published", () => {
    const published = (change: Parameters<typeof releaseActions>[0] = {}) =>
        publishedImage(application, releaseId, releaseActions(change));

    it("is the commit and the digest of that execution", () => {
        assert.deepEqual(published(), image);
    });

    it("is nothing while CodePipeline says anything else", () => {
        const cases = [
            published({ Publish: { status: "Failed" } }),
            published({ Publish: { status: "InProgress" } }),
            published({ Publish: { pipelineExecutionId: uuidOf(2) } }),
            published({ Source: { output: { outputVariables: {} } } }),
            published({ Source: { output: { outputVariables: { CommitId: "main" } } } }),
            published({ Source: { status: "Failed" } }),
            published({ Build: { output: { outputVariables: { IMAGE_DIGEST: "latest" } } } }),
            published({ Build: { status: "Failed" } }),
            published({ Build: { pipelineExecutionId: uuidOf(2) } }),
            publishedImage(application, releaseId, []),
        ];
        for (const [index, answer] of cases.entries()) assert.ok("notMerged" in answer, String(index));
    });

    it("is what the newest run of each action says", () => {
        const again = releaseActions({ Publish: { status: "Failed", startTime: after(60) } });
        const answer = publishedImage(application, releaseId, [...again, ...releaseActions()]);
        assert.deepEqual(answer, { notMerged: "CodePipeline says that Publish is Failed" });
    });
});

describe("the approval of what was published", () => {
    const doubt = (...records: ReturnType<typeof approvalRecord>[]) =>
        doubtAboutApproval(application, releaseId, image, records)?.notMerged ?? null;

    it("is the gate's own, of that digest in that execution", () => {
        assert.equal(doubt(approvalRecord()), null);
    });

    it("is no other", () => {
        const { request } = approvalRecord();
        const cases = [
            doubt(),
            doubt(approvalRecord({ status: "rejected" })),
            doubt(approvalRecord({ status: "waiting" })),
            doubt(approvalRecord({ execution: uuidOf(2) })),
            doubt(approvalRecord({ digest: digestOf("e") })),
            doubt(approvalRecord({ application: "billing" })),
            doubt({ ...approvalRecord(), request: { ...request, pipeline: "another" } }),
            doubt({
                ...approvalRecord(),
                request: { ...request, subject: { ...request.subject!, commit: commitOf("e") } },
            }),
        ];
        for (const [index, why] of cases.entries()) assert.equal(typeof why, "string", String(index));
    });
});

describe("the pull request that is merged", () => {
    const open = (id: string, sourceCommit = publishedCommit, isOfRepository = true) => ({
        id,
        sourceCommit,
        isOfRepository,
    });
    const choose = (...candidates: ReturnType<typeof open>[]) =>
        choosePullRequest(application, publishedCommit, candidates);

    it("is the one with the lowest number at the published commit", () => {
        assert.deepEqual(choose(open("12"), open("9"), open("3", commitOf("e"))), open("9"));
    });

    it("is none when there is none, when it has moved on, and when it is a fork's", () => {
        assert.deepEqual(choose(), { notMerged: "no pull request from development into main is open" });
        assert.deepEqual(choose(open("3", publishedCommit, false)), {
            notMerged: "no pull request from development into main is open",
        });
        assert.deepEqual(choose(open("3", commitOf("e"))), {
            notMerged: `the pull request 3 is at ${commitOf("e")}, and ${publishedCommit} was published: it is merged when that is`,
        });
    });
});

describe("the settings of the function that merges", () => {
    it("are read as they stand, and refused with every problem", () => {
        assert.deepEqual(readMergeSettings(JSON.stringify(settings)), settings);
        const wrong = [
            { ...settings, table: "?" },
            { ...settings, applications: [] },
            { ...settings, applications: [application, application] },
            { ...settings, applications: [{ ...application, mergeInto: application.branch }] },
            {
                ...settings,
                applications: [{ ...application, host: { type: "bitbucket", repository: "a/b" } }],
            },
            mergeSettings(mergedApplication({ type: "github", repository: "a/../b", tokenSecret: "t" })),
            mergeSettings(
                mergedApplication({
                    type: "github",
                    repository: "a/b",
                    tokenSecret: "t",
                    apiUrl: "http://x",
                }),
            ),
        ];
        for (const [index, value] of wrong.entries())
            assert.throws(() => readMergeSettings(JSON.stringify(value)), /cannot start/, String(index));
    });
});
