import assert from "node:assert/strict";
import type { GatePolicy } from "../policy/gatePolicy";
import type { ScanStage } from "../policy/scanStage";
import type { ScannerName } from "../report/scanReport";
import type { ScanReport } from "../report/scanReport";
import { judge, type Verdict } from "./verdict";
import type { SampleRequest } from "./testing/verdictSamples";
import { verdictProperties } from "./verdictProperties";

/** Judges that are wrong on purpose, each in one way that a real mistake would be. */
const brokenJudges: Record<string, (request: SampleRequest) => Verdict> = {
    "forgets required scanners that are absent": (request) => {
        const present = new Set(request.reports.map(({ scanner }) => scanner?.name));
        const requiredScanners = request.policy.requiredScanners[request.stage].filter((name) =>
            present.has(name),
        );
        return judge({ ...request, policy: withRequired(request.policy, request.stage, requiredScanners) });
    },
    "takes the first report of each scanner": (request) =>
        judge({
            ...request,
            reports: request.reports.filter(
                ({ scanner }, at, all) =>
                    at === all.findIndex((each) => each.scanner?.name === scanner?.name),
            ),
        }),
    "skips reports it cannot read": (request) =>
        judge({
            ...request,
            reports: request.reports.map((each) => ({ ...each, version: 1, findings: each.findings ?? [] })),
        }),
    "does not look at the digest": (request) =>
        changingReports(request, () => ({
            subject: { image: `x@${request.digest}`, digest: request.digest },
        })),
    "does not look at the image reference": (request) =>
        changingReports(request, ({ subject }) => ({
            subject: { ...subject, image: `x@${subject.digest}` },
        })),
    "does not look at complete": (request) =>
        changingReports(request, () => ({ complete: true, incompleteReasons: [] })),
    "believes complete over the reasons": (request) =>
        changingReports(request, ({ complete }) => (complete ? { incompleteReasons: [] } : {})),
    "accepts data of unknown age": (request) =>
        changingReports(request, ({ dataBuiltAt, finishedAt }) => ({
            dataBuiltAt: dataBuiltAt ?? finishedAt,
        })),
    "accepts old data": (request) =>
        judge({ ...request, policy: { ...request.policy, maximumDataAgeHours: 1e6 } }),
    "accepts old reports": (request) =>
        judge({ ...request, policy: { ...request.policy, maximumReportAgeHours: 1e6 } }),
    "does not check when data was built": (request) =>
        changingReports(request, ({ dataBuiltAt, startedAt }) =>
            dataBuiltAt !== null && dataBuiltAt > startedAt ? { dataBuiltAt: startedAt } : {},
        ),
    "ignores refusals": (request) => changingReports(request, () => ({ refusals: [] })),
    "ignores unknown severities": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings?.filter(({ severity }) => severity !== "unknown"),
        })),
    "ignores what will not be fixed": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings?.filter(({ willNotFix }) => !willNotFix),
        })),
    "reads only the first hundred findings": (request) =>
        changingReports(request, ({ findings }) => ({ findings: findings?.slice(0, 100) })),
    "lets the last of repeated findings win": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings && [
                ...new Map(findings.map((each) => [each.id + JSON.stringify(each.package), each])).values(),
            ],
        })),
    "allows one too many": (request) => {
        const { critical, ...rest } = request.policy.limits;
        return judge({
            ...request,
            policy: { ...request.policy, limits: { critical: critical + 1, ...rest } },
        });
    },
    "counts each severity by itself": (request) => {
        const verdict = judge(request);
        const within = verdict.reasons.filter(({ finding: found }) => {
            if (found === undefined) return false;
            const own = verdict.scanners.map(({ counts }) => counts?.[found.severity] ?? 0);
            const allowed = request.policy.limits[found.severity];
            return allowed === "unlimited" || Math.max(...own) <= allowed;
        });
        const reasons = verdict.reasons.filter((reason) => !within.includes(reason));
        const passes = reasons.every(({ kind }) => kind === "note");
        return { ...verdict, reasons, outcome: passes ? "pass" : verdict.outcome };
    },
    "requires every scanner that reported": (request) => {
        const present = request.reports
            .map(({ scanner }) => scanner?.name)
            .filter((name) => name !== undefined);
        const requiredScanners = [
            ...new Set([...request.policy.requiredScanners[request.stage], ...present]),
        ];
        return judge({ ...request, policy: withRequired(request.policy, request.stage, requiredScanners) });
    },
    "lets fail outrank incomplete": (request) => {
        const verdict = judge(request);
        const fails = verdict.reasons.some(({ kind }) => kind === "limitExceeded" || kind === "refusal");
        return fails ? { ...verdict, outcome: "fail" } : verdict;
    },
    "keeps the order of its input": (request) => ({
        ...judge(request),
        scanners: judge(request).scanners.toSorted(
            (a, b) => indexOfScanner(request, a.name) - indexOfScanner(request, b.name),
        ),
    }),
    "passes without a word": (request) => ({ ...judge(request), outcome: "pass" }),
};

function indexOfScanner({ reports }: { reports: ScanReport[] }, name: string): number {
    return reports.findIndex(({ scanner }) => scanner?.name === name);
}

function changingReports(
    request: SampleRequest,
    change: (report: ScanReport) => Partial<ScanReport>,
): Verdict {
    return judge({ ...request, reports: request.reports.map((each) => ({ ...each, ...change(each) })) });
}

describe("the verdict properties find", () => {
    for (const [name, broken] of Object.entries(brokenJudges)) {
        it(`a judge that ${name}`, () => {
            const found = Object.values(verdictProperties).some((check) => {
                try {
                    // One seed for all, so that what is found does not depend on luck.
                    check(broken as typeof judge, 20_260_304);
                    return false;
                } catch (error) {
                    // A judge that merely crashes has not been found out by a property.
                    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
                    if (!(cause instanceof assert.AssertionError)) throw error;
                    return true;
                }
            });
            assert.ok(found, "no property noticed");
        });
    }
});

function withRequired(policy: GatePolicy, stage: ScanStage, names: ScannerName[]): GatePolicy {
    return { ...policy, requiredScanners: { ...policy.requiredScanners, [stage]: names } };
}
