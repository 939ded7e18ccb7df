/** Requests to judge: good ones, changed in one way, and made at random. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { gatePolicySchema, type GatePolicyInput } from "../../policy/gatePolicy";
import type { ScanReport } from "../../report/scanReport";
import { finding } from "../../verdict/testing/verdictSamples";
import type { Judgement, judgeRequest, JudgementRequest } from "../judgement";
import type { Decision, ScanRecord } from "../records";
import {
    decidedBy,
    digests,
    minutesAfterStart,
    registryAnswer,
    registryKinds,
    requestOfMessage,
    settings,
    storedOf,
    subjectOf,
    type RegistryKind,
} from "./approvalSamples";

export type JudgeRequest = typeof judgeRequest;

/** A property of any judgement; with a seed, one failure is enough. */
export type JudgementProperty = (judgeOne: JudgeRequest, seed?: number) => void;

export interface Given {
    registry?: RegistryKind;
    scan?: ScanRecord | null;
    /** After the request was received. */
    minutes?: number;
    test?: Partial<ScanReport>;
    scanStagingImage?: Partial<ScanReport>;
    policy?: Partial<GatePolicyInput>;
}

/** A minute after the request came, with everything clean unless said otherwise. */
export function judgementOf(given: Given = {}): JudgementRequest {
    const { registry = "clean", scan = null, minutes = 1, test = {}, scanStagingImage = {} } = given;
    const subject = subjectOf();
    return {
        settings: { ...settings, policy: gatePolicySchema.parse({ version: 1, ...given.policy }) },
        request: requestOfMessage(),
        stored: {
            test: storedOf(subject, "test", test),
            scanStagingImage: storedOf(subject, "scanStagingImage", scanStagingImage),
        },
        registry: registryAnswer(registry, "sample/orders/staging", digests[0]),
        scan,
        now: minutesAfterStart(minutes),
        decidedBy,
    };
}

export function scanRecordOf(change: Partial<ScanRecord> = {}): ScanRecord {
    return {
        revision: 1,
        repository: "sample/orders/staging",
        digest: digests[0],
        status: "ended",
        statusText: "INITIAL_SCAN_COMPLETE",
        total: 0,
        at: minutesAfterStart(-5).toISOString(),
        eventId: "e-1",
        ...change,
    };
}

export function decisionIn(judgement: Judgement): Decision {
    assert.equal(judgement.kind, "decided");
    return judgement.kind === "decided" ? judgement.decision : assert.fail();
}

/** `approved`, `rejected` or `wait`. */
export function outcomeOf(judgement: Judgement): Decision["answer"] | "wait" {
    return judgement.kind === "wait" ? "wait" : judgement.decision.answer;
}

const scan = fc.oneof(
    fc.constant(null),
    fc
        .record({
            status: fc.constantFrom("ended", "failed", "other" as const),
            total: fc.constantFrom(null, 0, 1, 24),
            at: fc.constantFrom(-1_600, -11, -5).map((minutes) => minutesAfterStart(minutes).toISOString()),
        })
        .map((change) => scanRecordOf(change as Partial<ScanRecord>)),
);

const limit = fc.oneof(fc.nat(2), fc.constant("unlimited" as const));

/** Any request, whatever becomes of it; half of them are clean in the stored parts. */
export const anyRequest: fc.Arbitrary<JudgementRequest> = fc
    .record({
        registry: fc.constantFrom("clean", "clean", ...registryKinds),
        scan: fc.oneof(fc.constant(null), scan),
        minutes: fc.constantFrom(1, 30, 59.99, 60, 61),
        test: fc.record({ findings: fc.array(finding, { maxLength: 2 }) }),
        scanStagingImage: fc.record({ findings: fc.array(finding, { maxLength: 2 }) }),
        policy: fc.record({
            limits: fc.record({
                critical: fc.nat(2),
                high: limit,
                medium: limit,
                low: limit,
                negligible: limit,
            }),
        }),
    })
    .map(judgementOf);
