/** Judges that are wrong on purpose; the properties of the verdict must find out each of them. */
import type { GatePolicy } from "../../policy/gatePolicy";
import { scanStages, type ScanStage } from "../../policy/scanStage";
import type { ScannerName, ScanReport } from "../../report/scanReport";
import { severities } from "../../report/severity";
import { reasonEffects } from "../reason";
import { judge, type Verdict } from "../verdict";
import type { SampleRequest } from "./verdictSamples";

export type BrokenJudge = (request: SampleRequest) => Verdict;

/** Wrong about reports and findings, each in one way that a real mistake would be. */
export const brokenJudges: Record<string, BrokenJudge> = {
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
        const passes = reasons.every(({ kind }) => reasonEffects[kind] === "note");
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
        const fails = verdict.reasons.some(({ kind }) => reasonEffects[kind] === "fail");
        return fails ? { ...verdict, outcome: "fail" } : verdict;
    },
    "keeps the order of its input": (request) => ({
        ...judge(request),
        scanners: judge(request).scanners.toSorted(
            (a, b) => indexOfScanner(request, a.name) - indexOfScanner(request, b.name),
        ),
    }),
    "passes without a word": (request) => ({ ...judge(request), outcome: "pass" }),
    "judges by the scanners of the other stage": (request) => {
        const stage = scanStages.find((other) => other !== request.stage) ?? request.stage;
        return { ...judge({ ...request, stage }), stage: request.stage };
    },
    "requires the scanners of either stage": (request) => {
        const { test, scanStagingImage } = request.policy.requiredScanners;
        const names = [...new Set([...test, ...scanStagingImage])];
        return judge({ ...request, policy: withRequired(request.policy, request.stage, names) });
    },
    "requires only the first scanner of its stage": (request) => {
        const names = request.policy.requiredScanners[request.stage].slice(0, 1);
        return judge({ ...request, policy: withRequired(request.policy, request.stage, names) });
    },
    "ignores what cannot be fixed when such findings count as milder": (request) =>
        request.policy.unfixedCountsAs === "own"
            ? judge(request)
            : changingReports(request, ({ findings }) => ({
                  findings: findings?.filter(({ fixedIn, willNotFix }) => fixedIn !== null && !willNotFix),
              })),
    "counts as unfixed only what has no fix version": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings?.map((each) =>
                each.fixedIn === null ? each : { ...each, willNotFix: false },
            ),
        })),
    "counts fixable findings as milder too": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings?.map((each) => ({ ...each, fixedIn: null })),
        })),
    "raises what cannot be fixed to what it counts as at most": (request) => {
        const cap = request.policy.unfixedCountsAs;
        return changingReports(request, ({ findings }) => ({
            findings: findings?.map((each) =>
                cap !== "own" && (each.fixedIn === null || each.willNotFix)
                    ? { ...each, severity: cap }
                    : each,
            ),
        }));
    },
    "forgets what unfixed findings count as when their severity is unknown": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings?.map((each) =>
                each.severity === "unknown" ? { ...each, fixedIn: "9.9", willNotFix: false } : each,
            ),
        })),
    "takes critical for high": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings?.map((each) =>
                each.severity === "critical" ? { ...each, severity: "high" } : each,
            ),
        })),
    "lets the milder of repeated findings count": (request) =>
        changingReports(request, ({ findings }) => ({
            findings: findings && [
                ...new Map(
                    findings
                        .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
                        .map((each) => [each.id + JSON.stringify(each.package), each]),
                ).values(),
            ],
        })),
};

function indexOfScanner({ reports }: { reports: ScanReport[] }, name: string): number {
    return reports.findIndex(({ scanner }) => scanner?.name === name);
}

export function changingReports(
    request: SampleRequest,
    change: (report: ScanReport) => Partial<ScanReport>,
): Verdict {
    return judge({ ...request, reports: request.reports.map((each) => ({ ...each, ...change(each) })) });
}

function withRequired(policy: GatePolicy, stage: ScanStage, names: ScannerName[]): GatePolicy {
    return { ...policy, requiredScanners: { ...policy.requiredScanners, [stage]: names } };
}
