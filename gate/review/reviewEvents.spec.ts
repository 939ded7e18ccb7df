import assert from "node:assert/strict";
import fc from "fast-check";
import { uuidOf } from "../approval/testing/genuineShapes";
import { parseReviewEvent, ReviewEventError } from "./reviewEvents";
import { buildEvent, executionEvent, pullRequestEvent } from "./testing/reviewEvents";
import { settingsSample } from "./testing/reviewSamples";

const settings = settingsSample();
const [orders] = settings.applications;
const project = orders!.steps[0]!.project;
const build = `${project}:0b0b0b0b-0000-4000-8000-000000000001`;

const parse = (event: unknown) => parseReviewEvent(event, settings);
const isIgnored = (event: unknown): boolean => parse(event).kind === "ignored";

/** The event with parts of its detail replaced. */
function changed<Event extends { detail: object }>(event: Event, detail: Record<string, unknown>): unknown {
    return { ...event, detail: { ...event.detail, ...detail } };
}

describe("events about reviews", () => {
    it("say which pull request has new commits", () => {
        for (const event of ["pullRequestCreated", "pullRequestSourceBranchUpdated"]) {
            assert.deepEqual(parse(pullRequestEvent({ event })), {
                kind: "pullRequest",
                application: orders,
                pullRequest: "7",
            });
        }
    });

    it("say which execution has ended, whatever type its version has", () => {
        for (const state of ["SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"]) {
            for (const version of [3, "3"]) {
                assert.deepEqual(parse(executionEvent({ state, version })), {
                    kind: "execution",
                    application: orders,
                    execution: uuidOf(1),
                    isOver: state !== "FAILED",
                });
            }
        }
    });

    it("say which build has ended, by its ARN or its id, and of which execution where they say it", () => {
        for (const status of ["SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT", "FAULT"]) {
            const event = buildEvent({ build, status, execution: uuidOf(1) });
            assert.deepEqual(parse(event), {
                kind: "build",
                application: orders,
                build,
                execution: uuidOf(1),
            });
        }
        assert.deepEqual(parse(changed(buildEvent({ build }), { "build-id": build })), {
            kind: "build",
            application: orders,
            build,
            execution: null,
        });
        for (const execution of ["", "../x", uuidOf(1).toUpperCase() + "Z"]) {
            const notice = parse(buildEvent({ build, execution }));
            assert.equal(notice.kind === "build" ? notice.execution : "", null);
        }
    });

    it("are ignored when nothing has ended, or nothing was committed", () => {
        for (const state of ["STARTED", "RESUMED", "STOPPING"])
            assert.ok(isIgnored(executionEvent({ state })), state);
        assert.ok(isIgnored(buildEvent({ build, status: "IN_PROGRESS" })));
        for (const event of [
            "pullRequestStatusChanged",
            "pullRequestMergeStatusUpdated",
            "pullRequestApprovalStateChanged",
        ])
            assert.ok(isIgnored(pullRequestEvent({ event })), event);
    });

    it("are ignored when they are about what others own", () => {
        const events = [
            pullRequestEvent({ repository: "MyDemoRepo" }),
            executionEvent({ pipeline: "portcullis-dev-orders-delivery" }),
            buildEvent({ build: `portcullis-dev-orders-build:${uuidOf(2)}` }),
            { ...pullRequestEvent(), account: "210987654321" },
            { ...executionEvent(), region: "us-east-1" },
            { ...executionEvent(), "detail-type": "CodePipeline Stage Execution State Change" },
            { ...buildEvent({ build }), "detail-type": "CodeBuild Build Phase Change" },
            { ...executionEvent(), source: "com.example" },
        ];
        for (const event of events) assert.ok(isIgnored(event), JSON.stringify(event).slice(0, 200));
    });

    it("fail when they are ours and cannot be believed", () => {
        const events = [
            { ...pullRequestEvent(), detail: null },
            changed(pullRequestEvent(), { pullRequestId: 7 }),
            changed(pullRequestEvent(), { pullRequestId: "7/../8" }),
            changed(pullRequestEvent(), { repositoryNames: "portcullis-dev-orders" }),
            { ...pullRequestEvent(), resources: ["arn:aws:codecommit:eu-west-1:123456789012:other"] },
            changed(executionEvent(), { "execution-id": undefined }),
            changed(executionEvent(), { state: null }),
            changed(buildEvent({ build }), { "build-id": "other:1" }),
            changed(buildEvent({ build }), {
                "build-id": `arn:aws:codebuild:eu-west-1:210987654321:build/${build}`,
            }),
            changed(buildEvent({ build }), { "build-status": 1 }),
        ];
        for (const event of events)
            assert.throws(() => parse(event), ReviewEventError, JSON.stringify(event).slice(0, 300));
        for (const event of [null, "text", [], {}, { detail: {} }])
            assert.throws(() => parse(event), /not one of EventBridge/);
    });

    it("never fail in any other way, whatever they hold", () => {
        const base = [pullRequestEvent(), executionEvent(), buildEvent({ build, execution: uuidOf(1) })];
        fc.assert(
            fc.property(
                fc.constantFrom(...base),
                fc.dictionary(
                    fc.constantFrom(...base.flatMap(({ detail }) => Object.keys(detail))),
                    fc.oneof(fc.jsonValue(), fc.constant(undefined)),
                ),
                (event, detail) => {
                    try {
                        parse(changed(event, detail));
                    } catch (error) {
                        assert.ok(error instanceof ReviewEventError, String(error));
                        assert.doesNotMatch(error.message, /\n/);
                    }
                },
            ),
            { numRuns: 500 },
        );
    });
});
