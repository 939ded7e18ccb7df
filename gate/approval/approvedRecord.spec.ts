import assert from "node:assert/strict";
import fc from "fast-check";
import { approvedRecord, type ApprovalAnswer, type ApprovalQuery } from "./approvedRecord";
import type { RequestRecord } from "./records";
import { demand } from "../verdict/testing/verdictSamples";
import { digests, minutesAfterStart, uuid } from "./testing/approvalSamples";
import { brokenApprovals, type FindApproval } from "./testing/brokenApprovals";
import { decisionSample, recordSample, type RecordChange } from "./testing/recordSamples";

const query: ApprovalQuery = { application: "orders", digest: digests[0] };
const inExecution = { ...query, execution: uuid(900) };

function refusal(answer: ApprovalAnswer): { why: string; reason: string } {
    assert.equal(answer.kind, "refused");
    return answer.kind === "refused" ? { why: answer.why, reason: answer.reason } : assert.fail();
}

const anyChange: fc.Arbitrary<RecordChange> = fc.record(
    {
        application: fc.constantFrom("orders", "orders", "billing"),
        digest: fc.constantFrom(digests[0], digests[0], digests[1]),
        execution: fc.constantFrom(900, 900, 901).map(uuid),
        status: fc.constantFrom("approved", "approved", "rejected", "waiting", "closed" as const),
        minutes: fc.integer({ min: 1, max: 4 }),
        closed: fc.record({ answer: fc.constantFrom("approved", "rejected", null) }),
    },
    { requiredKeys: ["status", "minutes"] },
);
const anyRecords = fc
    .array(anyChange, { maxLength: 5 })
    .map((changes) => changes.map((change, at) => recordSample({ ...change, token: uuid(at) })));
const anyQuery = fc.constantFrom(query, inExecution);

type Property = (find: FindApproval, seed?: number) => void;

/** A record that anything could have written: one field of a good one is wrong. */
const damaged: Record<string, (record: RequestRecord) => RequestRecord> = {
    "no decision": ({ decision: _, ...record }) => record,
    "a decision that says rejected": (record) => ({
        ...record,
        decision: decisionSample({ answer: "rejected" }),
    }),
    "a status that is not the decision's": (record) => ({ ...record, status: "rejected" }),
    "a part that failed": (record) => ({
        ...record,
        decision: decisionSample({
            parts: decisionSample().parts.map((part, at) => (at === 1 ? { ...part, outcome: "fail" } : part)),
        }),
    }),
    "a part that is missing": (record) => ({
        ...record,
        decision: decisionSample({ parts: decisionSample().parts.slice(1) }),
    }),
    "a part twice": (record) => ({
        ...record,
        decision: decisionSample({ parts: [...decisionSample().parts, ...decisionSample().parts.slice(2)] }),
    }),
    "no instant": (record) => ({ ...record, decision: decisionSample({ decidedAt: "soon" }) }),
    "a reason why it was closed": (record) => ({
        ...record,
        closed: { at: minutesAfterStart(2).toISOString(), reason: "x", answer: null, by: null },
    }),
    "an image of another digest": (record) => ({
        ...record,
        request: {
            ...record.request,
            subject: record.request.subject && {
                ...record.request.subject,
                image: `registry.example/orders@${digests[1]}`,
            },
        },
    }),
    "a problem": (record) => ({ ...record, request: { ...record.request, problem: "it cannot be read" } }),
    "no subject": (record) => ({ ...record, request: { ...record.request, subject: null } }),
};

const properties: Record<string, Property> = {
    "what the gate approved is approved": (find) => {
        for (const asked of [query, inExecution]) {
            const record = recordSample();
            assert.deepEqual(find([record], asked), { kind: "approved", record });
        }
    },
    "approved means a sound approval of that application, digest and execution, with no later no": (
        find,
        seed,
    ) =>
        demand(
            seed,
            fc.property(anyRecords, anyQuery, (records, asked) => {
                const answer = find(records, asked);
                if (answer.kind === "refused") return assert.notEqual(answer.reason, "");
                const { status, decision, request } = answer.record;
                const { application, digest, execution } = request.subject ?? assert.fail();
                assert.ok(records.includes(answer.record));
                assert.deepEqual([status, decision?.answer], ["approved", "approved"]);
                assert.deepEqual([application, digest], [asked.application, asked.digest]);
                if (asked.execution !== undefined) assert.equal(execution, asked.execution);
                const related = records.filter(
                    ({ request: { subject } }) =>
                        subject?.application === application &&
                        subject.digest === digest &&
                        (asked.execution === undefined || subject.execution === asked.execution),
                );
                for (const other of related) {
                    const no =
                        other.status === "rejected"
                            ? other.decision?.decidedAt
                            : other.closed?.answer === "rejected"
                              ? other.closed.at
                              : undefined;
                    if (no !== undefined) assert.ok(no < decision.decidedAt);
                    if (asked.execution !== undefined) assert.notEqual(other.status, "waiting");
                }
            }),
            600,
        ),
    "the order of the records says nothing": (find, seed) =>
        demand(
            seed,
            fc.property(
                anyRecords.chain((records) =>
                    fc.tuple(
                        fc.constant(records),
                        fc.shuffledSubarray(records, { minLength: records.length }),
                    ),
                ),
                anyQuery,
                ([records, shuffled], asked) =>
                    assert.equal(find(records, asked).kind, find(shuffled, asked).kind),
            ),
        ),
    "records of others say nothing": (find, seed) =>
        demand(
            seed,
            fc.property(anyRecords, anyChange, anyQuery, (records, change, asked) => {
                for (const other of [{ application: "billing" }, { digest: digests[1] }]) {
                    const stranger = recordSample({ ...change, ...other, token: uuid(77) });
                    assert.deepEqual(find([...records, stranger], asked), find(records, asked));
                }
            }),
            200,
        ),
    "what only another execution has says nothing about this one": (find) => {
        const other = recordSample({ execution: uuid(901) });
        assert.equal(find([other], inExecution).kind, "refused");
        assert.equal(find([other], query).kind, "approved");
    },
    "no record with anything wrong in it opens": (find) => {
        for (const [what, change] of Object.entries(damaged)) {
            for (const asked of [query, inExecution]) {
                assert.equal(find([change(recordSample())], asked).kind, "refused", what);
            }
        }
    },
    "somebody else's approval is none": (find) => {
        const closed = recordSample({ status: "closed", closed: { answer: "approved", by: "mallory" } });
        assert.equal(find([{ ...closed, decision: decisionSample() }], query).kind, "refused");
    },
};

describe("the approval of a digest", () => {
    for (const [name, check] of Object.entries(properties)) it(name, () => check(approvedRecord));

    it("says why there is none, and what to do", () => {
        const about = `${digests[0]} of orders`;
        const request = `the approval request of ${about} in the pipeline execution ${uuid(900)}`;
        const cases: [RequestRecord[], ApprovalQuery, string, string][] = [
            [
                [],
                query,
                "missing",
                `${about} was never approved; release it through the application's pipeline`,
            ],
            [
                [recordSample({ execution: uuid(901) })],
                inExecution,
                "missing",
                `${about} was never approved in the pipeline execution ${uuid(900)}; release it through the ` +
                    "application's pipeline",
            ],
            [
                [recordSample({ status: "waiting" })],
                query,
                "undecided",
                `${request} still waits for its answer; wait for it, then try again`,
            ],
            [
                [recordSample(), recordSample({ status: "waiting", token: uuid(2) })],
                inExecution,
                "undecided",
                `${request} still waits for its answer; wait for it, then try again`,
            ],
            [
                [recordSample(), recordSample({ status: "rejected", minutes: 2, token: uuid(2) })],
                query,
                "rejected",
                `${request} was rejected (at 2026-03-04T12:02:00.000Z: grype: 1 critical finding, 0 are allowed); ` +
                    "release it through the application's pipeline",
            ],
            [
                [
                    recordSample(),
                    recordSample({
                        status: "closed",
                        minutes: 2,
                        token: uuid(2),
                        closed: { answer: "rejected", by: "mallory", reason: "rejected by mallory" },
                    }),
                ],
                query,
                "rejected",
                `${request} was rejected (by mallory at 2026-03-04T12:02:00.000Z: rejected by mallory); release it ` +
                    "through the application's pipeline",
            ],
            [
                [recordSample(), recordSample({ status: "rejected", token: uuid(2) })],
                query,
                "contradiction",
                `${request} was rejected in the same moment in which another one was approved; see who wrote it, then ` +
                    "release a new execution of the pipeline",
            ],
            [
                [damaged["a part that failed"]?.(recordSample()) ?? assert.fail()],
                query,
                "contradiction",
                `${request} is approved although scanStagingImage is fail; see who wrote it, then release a new ` +
                    "execution of the pipeline",
            ],
        ];
        for (const [records, asked, why, reason] of cases) {
            assert.deepEqual(refusal(approvedRecord(records, asked)), { why, reason });
        }
    });

    it("stands when a rejection was before it, and while another execution waits", () => {
        const approval = recordSample({ minutes: 3 });
        const before = recordSample({ status: "rejected", minutes: 2, token: uuid(2) });
        const waiting = recordSample({ status: "waiting", execution: uuid(901), token: uuid(3) });
        assert.deepEqual(approvedRecord([before, approval, waiting], query), {
            kind: "approved",
            record: approval,
        });
        assert.equal(approvedRecord([before, approval, waiting], inExecution).kind, "approved");
    });
});

describe("the approval's properties find a reader that", () => {
    for (const [name, broken] of Object.entries(brokenApprovals)) {
        it(name, () => {
            const noticed = Object.values(properties).some((check) => {
                try {
                    check(broken, 20_261_121);
                    return false;
                } catch (error) {
                    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
                    if (!(cause instanceof assert.AssertionError)) throw error;
                    return true;
                }
            });
            assert.ok(noticed, "no property noticed");
        });
    }
});
