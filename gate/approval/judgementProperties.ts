/** What must be true of every judgement of an approval request. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { scanStages } from "../policy/scanStage";
import type { ScanReport } from "../report/scanReport";
import { demand, finding } from "../verdict/testing/verdictSamples";
import type { JudgementRequest } from "./judgement";
import { digests, minutesAfterStart, registryAnswer } from "./testing/approvalSamples";
import {
    anyRequest,
    decisionIn,
    judgementOf,
    outcomeOf,
    scanRecordOf,
    type JudgementProperty,
} from "./testing/judgementSamples";

const stage = fc.constantFrom(...scanStages);

/** The request with the reports of a part changed. */
function changing(
    given: JudgementRequest,
    part: (typeof scanStages)[number] | "registry",
    change: (report: ScanReport) => unknown[],
): JudgementRequest {
    if (part === "registry") {
        if (given.registry.kind === "pending") return given;
        const [report] = change(given.registry.report);
        if (report === undefined) return { ...given, registry: { kind: "pending", why: "there is none" } };
        return { ...given, registry: { ...given.registry, report: report as ScanReport } };
    }
    const { places, reports } = given.stored[part];
    const changed = reports.flatMap((report) => change(report as ScanReport));
    return { ...given, stored: { ...given.stored, [part]: { places, reports: changed } } };
}

const part = fc.oneof(stage, fc.constant("registry" as const));

/** Only what could be approved before may be approved after. */
function assertNeverBetter(
    judgeOne: Parameters<JudgementProperty>[0],
    before: JudgementRequest,
    after: JudgementRequest,
): void {
    if (outcomeOf(judgeOne(before)) !== "approved") assert.notEqual(outcomeOf(judgeOne(after)), "approved");
}

const never = (
    change: (report: ScanReport) => unknown[],
    only: fc.Arbitrary<Parameters<typeof changing>[1]> = part,
): JudgementProperty => {
    return (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                fc.constantFrom("test", "scanStagingImage", "registry" as const),
                only,
                (_, which) => {
                    const given = changing(judgementOf(), which as Parameters<typeof changing>[1], change);
                    assert.notEqual(outcomeOf(judgeOne(given)), "approved");
                },
            ),
            20,
        );
};

export const judgementProperties: Record<string, JudgementProperty> = {
    "a clean image is approved, and says so in each part": (judgeOne) => {
        const { answer, parts } = decisionIn(judgeOne(judgementOf()));
        assert.equal(answer, "approved");
        assert.deepEqual(
            parts.map((each) => [each.part, each.outcome]),
            [...scanStages, "registry"].map((name) => [name, "pass"]),
        );
    },
    "approved means that every part passes, in time, uncontradicted": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(anyRequest, (given) => {
                const judgement = judgeOne(given);
                if (outcomeOf(judgement) !== "approved") return;
                const { parts } = decisionIn(judgement);
                assert.deepEqual(
                    parts.map((each) => [each.part, each.outcome]),
                    [...scanStages, "registry"].map((name) => [name, "pass"]),
                );
                assert.ok(given.now < new Date(given.request.decideBy));
                assert.ok(given.registry.kind === "ended" && given.registry.report.complete);
                const { scan, registry } = given;
                if (scan === null || scan.at <= registry.report.finishedAt) return;
                assert.notEqual(scan.status, "failed");
                if (scan.status === "ended") assert.ok((scan.total ?? 0) <= registry.total);
            }),
            400,
        ),
    "a further finding never lets through what was refused": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(anyRequest, part, finding, (given, which, one) =>
                assertNeverBetter(
                    judgeOne,
                    given,
                    changing(given, which, (report) => [{ ...report, findings: [...report.findings, one] }]),
                ),
            ),
            300,
        ),
    "a critical finding in any part is a rejection": never((report) => {
        const { findings } = registryReport("bad");
        return [{ ...report, findings }];
    }),
    "a report that is missing is never an approval": never(() => []),
    "a report about another digest is never an approval": never((report) => [
        { ...report, subject: { image: `x/sample/orders/staging@${digests[1]}`, digest: digests[1] } },
    ]),
    "a registry's report about another repository is never an approval": never(
        (report) => [
            { ...report, subject: { ...report.subject, image: `x/sample/billing/staging@${digests[0]}` } },
        ],
        fc.constant("registry" as const),
    ),
    "a report that is not complete is never an approval": never((report) => [
        { ...report, complete: false, incompleteReasons: ["half of it"] },
    ]),
    "a report that is too old is never an approval": never((report) => {
        const old = minutesAfterStart(-60 * 24 - 1).toISOString();
        return [{ ...report, startedAt: old, finishedAt: old, dataBuiltAt: old }];
    }),
    "a report of another scanner is none of the registry": never(
        (report) => [{ ...report, scanner: { name: "grype", version: "1" } }],
        fc.constant("registry" as const),
    ),
    "from the last moment on nothing waits and nothing is approved": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(anyRequest, fc.nat(100), (given, minutes) => {
                const now = minutesAfterStart(60 + minutes);
                assert.equal(outcomeOf(judgeOne({ ...given, now })), "rejected");
            }),
        ),
    "only a scan that may still come is waited for": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(anyRequest, (given) => {
                if (outcomeOf(judgeOne(given)) !== "wait") return;
                const { registry, scan } = given;
                const isContradicted = registry.kind === "ended" && (scan?.total ?? 0) > registry.total;
                assert.ok(registry.kind === "pending" || isContradicted);
                assert.ok(given.now < new Date(given.request.decideBy));
            }),
            300,
        ),
    "a newer event that calls the scan failed is a rejection": (judgeOne) => {
        for (const registry of ["pending", "clean"] as const) {
            const given = judgementOf({ registry, scan: scanRecordOf({ status: "failed", total: null }) });
            assert.equal(outcomeOf(judgeOne(given)), "rejected");
        }
    },
    "an event that counts more than is listed is never an approval": (judgeOne) =>
        assert.equal(outcomeOf(judgeOne(judgementOf({ scan: scanRecordOf({ total: 1 }) }))), "wait"),
    "events about other repositories and digests say nothing": (judgeOne) => {
        for (const change of [{ repository: "sample/billing/staging" }, { digest: digests[1] }]) {
            const scan = scanRecordOf({ status: "failed", total: null, ...change });
            assert.equal(outcomeOf(judgeOne(judgementOf({ scan }))), "approved");
        }
    },
    "a request without a subject is rejected": (judgeOne) => {
        const given = judgementOf();
        const request = { ...given.request, subject: null, problem: "it cannot be read" };
        const { answer, reasons } = decisionIn(judgeOne({ ...given, request }));
        assert.deepEqual([answer, reasons], ["rejected", ["it cannot be read"]]);
    },
    "every rejection says why, in fifty reasons and 512 characters at most": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(anyRequest, (given) => {
                const judgement = judgeOne(given);
                if (judgement.kind === "wait") return assert.notEqual(judgement.why, "");
                const { answer, reasons, summary } = judgement.decision;
                if (answer === "rejected") assert.ok(reasons.length > 0);
                assert.ok(reasons.length <= 50);
                assert.ok(summary.length <= 512);
                assert.ok(summary.startsWith(`${answer} ${digests[0]}`));
            }),
        ),
};

function registryReport(kind: "bad"): ScanReport {
    const answer = registryAnswer(kind, "sample/orders/staging", digests[0]);
    return answer.kind === "ended" ? answer.report : assert.fail();
}
