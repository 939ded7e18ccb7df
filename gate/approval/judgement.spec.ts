import assert from "node:assert/strict";
import type { GatePolicyInput } from "../policy/gatePolicy";
import type { Finding } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import { judgementProperties } from "./judgementProperties";
import { judgeRequest, type Judgement } from "./judgement";
import { brokenJudgements } from "./testing/brokenJudgements";
import { findingOf } from "../report/testing/sampleFinding";
import { digests, minutesAfterStart } from "./testing/approvalSamples";
import { decisionIn, judgementOf, scanRecordOf } from "./testing/judgementSamples";

describe("the judgement of an approval request", () => {
    it("approves what passes in all three parts, and says what it saw", () => {
        const decision = decisionIn(judgeRequest(judgementOf()));
        assert.equal(decision.answer, "approved");
        assert.deepEqual(
            decision.parts.map(({ part, outcome }) => [part, outcome]),
            [
                ["test", "pass"],
                ["scanStagingImage", "pass"],
                ["registry", "pass"],
            ],
        );
        assert.deepEqual(decision.parts[2]?.evidence, [
            { scanner: "inspector", place: `sample/orders/staging@${digests[0]}` },
        ]);
        assert.deepEqual(decision.reasons, []);
        assert.equal(
            decision.summary,
            `approved ${digests[0]}: test pass, scanStagingImage pass, registry pass. ` +
                "critical 0 of 0, high 0 of 0, medium 0 of unlimited, low 0 of unlimited, negligible 0 of unlimited. " +
                `By sample-approval-scan-event at 2026-03-04T12:01:00.000Z, policy ${decision.policySha256.slice(0, 12)}. ` +
                `${decision.summary.slice(decision.summary.indexOf("Evidence: "))}`,
        );
        assert.ok(decision.summary.endsWith(" [request 00000001]"));
    });

    it("names the policy as a verdict does", () => {
        const given = judgementOf();
        const { policySha256 } = judge({
            policy: given.settings.policy,
            stage: "test",
            reports: [],
            digest: digests[0],
            now: given.now,
        });
        assert.equal(decisionIn(judgeRequest(given)).policySha256, policySha256);
    });

    it("waits while the registry has no scan, and rejects from the last moment on", () => {
        const pending = { registry: "pending" } as const;
        const waiting = judgeRequest(judgementOf({ ...pending, minutes: 59.9 }));
        assert.deepEqual(waiting, {
            kind: "wait",
            why: `the scan of sample/orders/staging@${digests[0]} has not ended: Amazon ECR has no scan of it yet`,
        });
        const { answer, reasons } = decisionIn(judgeRequest(judgementOf({ ...pending, minutes: 60 })));
        assert.equal(answer, "rejected");
        assert.deepEqual(reasons, [
            `registry: the scan of sample/orders/staging@${digests[0]} has not ended: Amazon ECR has no scan of it yet`,
            "the request had to be decided before 2026-03-04T13:00:00.000Z; find out why it was not, then retry the stage",
        ]);
    });

    it("rejects a scan that has ended and cannot be believed, at once", () => {
        const { answer, reasons } = decisionIn(judgeRequest(judgementOf({ registry: "failed" })));
        assert.equal(answer, "rejected");
        assert.deepEqual(reasons, [
            "registry: inspector could not judge the image: the status of the image scan is FAILED",
        ]);
    });

    it("rejects when a newer event calls the scan failed, whatever the registry lists", () => {
        for (const registry of ["pending", "clean"] as const) {
            const scan = scanRecordOf({ status: "failed", statusText: "UNSUPPORTED", total: null });
            const { answer, reasons } = decisionIn(judgeRequest(judgementOf({ registry, scan })));
            assert.equal(answer, "rejected");
            assert.match(
                reasons[0] ?? "",
                /^registry: the event e-1 of .* ended as UNSUPPORTED; see Inspector/,
            );
        }
    });

    it("does not believe a failure that the registry's scan or the policy's age has overtaken", () => {
        const before = { status: "failed", at: minutesAfterStart(-11).toISOString() } as const;
        assert.equal(
            decisionIn(judgeRequest(judgementOf({ scan: scanRecordOf(before) }))).answer,
            "approved",
        );
        const old = { status: "failed", at: minutesAfterStart(-60 * 25).toISOString() } as const;
        const waiting = judgeRequest(judgementOf({ registry: "pending", scan: scanRecordOf(old) }));
        assert.equal(waiting.kind, "wait");
    });

    it("waits when an event counts more findings than the registry lists", () => {
        const scan = scanRecordOf({ total: 24 });
        const waiting = judgeRequest(judgementOf({ scan }));
        assert.deepEqual(waiting, {
            kind: "wait",
            why:
                "the event e-1 of 2026-03-04T11:55:00.000Z counts 24 findings in " +
                `sample/orders/staging@${digests[0]}, the registry lists 0 of 2026-03-04T11:50:00.000Z`,
        });
        const { answer } = decisionIn(judgeRequest(judgementOf({ scan, minutes: 60 })));
        assert.equal(answer, "rejected");
    });

    it("believes an event dated up to a minute before the end of the registry's scan, and none before", () => {
        const counted = (seconds: number) =>
            judgeRequest(
                judgementOf({
                    scan: scanRecordOf({
                        total: 24,
                        at: new Date(minutesAfterStart(-10).getTime() - seconds * 1_000).toISOString(),
                    }),
                }),
            );
        for (const seconds of [0, 1, 59]) assert.equal(counted(seconds).kind, "wait");
        assert.equal(decisionIn(counted(60)).answer, "approved");
    });

    it("waits for a minute after the end of a scan that no event has confirmed, and no longer", () => {
        const ended = (finishedAt: string, scan: ReturnType<typeof scanRecordOf> | null): Judgement => {
            const given = judgementOf({ scan });
            assert.ok(given.registry.kind === "ended");
            return judgeRequest({
                ...given,
                registry: { ...given.registry, report: { ...given.registry.report, finishedAt } },
            });
        };
        const now = judgementOf().now.getTime();
        const ago = (milliseconds: number): string => new Date(now - milliseconds).toISOString();
        assert.deepEqual(ended(ago(59_999), null), {
            kind: "wait",
            why:
                `the scan of sample/orders/staging@${digests[0]} ended at ${ago(59_999)}, less than a minute ago, and ` +
                "no event has confirmed it: its findings may not all be listed yet",
        });
        assert.equal(decisionIn(ended(ago(60_000), null)).answer, "approved");
        const confirmed = scanRecordOf({ status: "ended", total: 0, at: ago(5_000) });
        assert.equal(decisionIn(ended(ago(5_000), confirmed)).answer, "approved");
        const earlier = scanRecordOf({ status: "ended", total: 0, at: ago(66_000) });
        assert.equal(ended(ago(5_000), earlier).kind, "wait");
    });

    it("lists fifty reasons and counts the others; the summary stays within 512 characters", () => {
        const findings = Array.from({ length: 70 }, (_, at) =>
            findingOf({
                id: `CVE-2024-${at}`,
                package: { name: `p${"x".repeat(900)}`, version: "1", type: "deb" },
            }),
        );
        const decision = decisionIn(judgeRequest(judgementOf({ test: { findings } })));
        assert.equal(decision.reasons.length, 50);
        assert.equal(decision.moreReasons, 20);
        assert.ok(decision.reasons.every((reason) => reason.length === 500));
        assert.ok(decision.summary.length <= 512 && decision.summary.length > 400);
        assert.match(decision.summary, /And 69 more\. critical 70 of 0, /);
        assert.ok(decision.summary.endsWith(" [request 00000001]"));
    });

    it("tells the waivers that it used", () => {
        const waiver = {
            id: "CVE-2021-3711",
            reason: "The function is not reachable from outside.",
            owner: "payments-team",
            created: "2026-03-01",
            expires: "2026-03-09",
        };
        const decision = decisionIn(
            judgeRequest(judgementOf({ registry: "bad", policy: { waivers: [waiver] } })),
        );
        assert.equal(decision.answer, "approved");
        assert.deepEqual(decision.waivers, [
            { id: "CVE-2021-3711", owner: "payments-team", expires: "2026-03-09", severity: "critical" },
        ]);
        assert.match(decision.summary, /Waivers: CVE-2021-3711 \(payments-team, to 2026-03-09\)\./);
        assert.equal(decision.parts[2]?.waived.critical, 1);
        assert.equal(decision.reasons.length, 1);
    });

    it("tells as what findings without a severity, or without a fix, were counted, where there were any", () => {
        const countingOf = (test: Partial<Finding>, policy: Partial<GatePolicyInput> = {}) =>
            decisionIn(judgeRequest(judgementOf({ test: { findings: [findingOf(test)] }, policy }))).counting;
        const low = { severity: "low", fixedIn: "2" } as const;
        assert.deepEqual(countingOf(low), { unknown: null, unfixed: null });
        assert.deepEqual(countingOf({ ...low, severity: "unknown" }), { unknown: "high", unfixed: null });
        const milder = { unfixedCountsAs: "negligible" } as const;
        assert.deepEqual(countingOf(low, milder), { unknown: null, unfixed: null });
        assert.deepEqual(countingOf({ ...low, fixedIn: null }, milder), {
            unknown: null,
            unfixed: "negligible",
        });
    });

    it("tells the worst that a waiver excused", () => {
        const waiver = {
            id: "CVE-2021-3711",
            reason: "The function is not reachable from outside.",
            owner: "payments-team",
            created: "2026-03-01",
            expires: "2026-03-09",
        };
        for (const severities of [
            ["low", "high", "medium"],
            ["high", "low"],
        ] as const) {
            const findings = severities.map((severity, at) =>
                findingOf({
                    id: waiver.id,
                    severity,
                    package: { name: `package-${at}`, version: "1", type: "deb" },
                }),
            );
            const decision = decisionIn(
                judgeRequest(judgementOf({ test: { findings }, policy: { waivers: [waiver] } })),
            );
            assert.deepEqual(
                decision.waivers.map(({ severity }) => severity),
                ["high"],
            );
        }
    });

    it("rejects more waivers than fit into an item of the table", () => {
        const ids = Array.from({ length: 1_000 }, (_, at) => `CVE-2024-${10_000 + at}`);
        const test = { findings: ids.map((id) => findingOf({ id })) };
        const waivers = (owner: string) =>
            ids.map((id) => ({
                id,
                reason: "The function is not reachable from outside.",
                owner,
                created: "2026-03-01",
                expires: "2026-03-09",
            }));
        const decisionFor = (owner: string) =>
            decisionIn(judgeRequest(judgementOf({ test, policy: { waivers: waivers(owner) } })));
        const few = decisionFor("payments-team");
        assert.deepEqual([few.answer, few.waivers.length], ["approved", 1_000]);
        const many = decisionFor("p".repeat(200));
        assert.deepEqual([many.answer, many.waivers], ["rejected", []]);
        assert.equal(
            many.reasons[0],
            "1000 waivers were used, more than a record has room for; mend what can be mended",
        );
    });

    it("rejects a request of an application that the settings do not know", () => {
        const given = judgementOf();
        const { answer, reasons } = decisionIn(
            judgeRequest({ ...given, settings: { ...given.settings, applications: [] } }),
        );
        assert.equal(answer, "rejected");
        assert.deepEqual(reasons, [
            "sample-orders-delivery/Approve/GateApproval is not the gate of the application orders; " +
                "deploy the stack that the pipeline belongs to",
        ]);
    });

    for (const [name, check] of Object.entries(judgementProperties)) it(name, () => check(judgeRequest));
});

describe("the judgement's properties find one that", () => {
    for (const [name, broken] of Object.entries(brokenJudgements)) {
        it(name, () => {
            const noticed = Object.values(judgementProperties).some((check) => {
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
