import type { GatePolicy } from "../policy/gatePolicy";
import { concerns } from "../policy/waiver";
import { sortReports } from "./readReports";
import { reasonEffects, type Reason } from "./reason";
import { judge, type JudgeRequest, type Verdict } from "./verdict";

/** Packages that are named one by one; more are only counted. */
const mostPackages = 15;

const hour = 3_600_000;

/**
 * What would have to be done for a verdict to become a pass, or until when it is one; one sentence each. It is only
 * about what these reports know: a new scan may find more.
 */
export function wayToPass(request: JudgeRequest, verdict: Verdict): string[] {
    if (verdict.outcome === "pass") return holdsUntil(request);
    const { reasons } = verdict;
    const ofKind = (kind: Reason["kind"]): Reason[] => reasons.filter((reason) => reason.kind === kind);
    const doubts = reasons.filter(({ kind }) => reasonEffects[kind] === "incomplete").length;
    const steps: string[] = [];
    if (doubts > 0) {
        steps.push(
            `${some(doubts, "reason says", "reasons say")} that the image could not be judged: mend that first, nothing else can make it pass`,
        );
    }
    for (const { waiver } of ofKind("waiverExpired")) {
        steps.push(
            `the waiver of ${waiver?.id ?? "?"} has expired: remove it, or have ${waiver?.owner ?? "its owner"} renew it with a new date`,
        );
    }
    for (const { waiver } of ofKind("waiverNotYetValid")) {
        steps.push(`the waiver of ${waiver?.id ?? "?"} is dated in the future: remove it until then`);
    }
    const refusals = ofKind("refusal").length;
    if (refusals > 0) {
        const what = refusals === 1 ? "rule of a scanner refuses" : "rules of scanners refuse";
        steps.push(
            `${refusals} ${what} the image: change the image; no limit and no waiver is about such rules`,
        );
    }
    steps.push(
        ...excesses(ofKind("limitExceeded")),
        ...packageSteps(ofKind("limitExceeded"), request.policy),
    );
    if (doubts === 0 && ofKind("limitExceeded").length > 0) {
        const fixed = judge({ ...request, reports: request.reports.map(withoutFixable) });
        steps.push(
            `with every fix installed that these reports know the verdict would be ${fixed.outcome.toUpperCase()}`,
        );
    }
    return steps;
}

/** How many findings are too many, by scanner and limit. */
function excesses(reasons: readonly Reason[]): string[] {
    const distinct = new Map<string, string>();
    for (const { scanner, limit } of reasons) {
        if (limit === undefined) continue;
        const { on, allowed, counted } = limit;
        const what = on === "critical" ? on : `${on} or worse`;
        distinct.set(
            `${scanner} ${on}`,
            `${scanner} counts ${counted} ${what} and ${allowed} may be: ${counted - allowed} of them must go`,
        );
    }
    return [...distinct.values()];
}

/** What to do with each package, those with the most findings first. */
function packageSteps(reasons: readonly Reason[], { maximumWaiverDays }: GatePolicy): string[] {
    const packages = new Map<
        string,
        { name: string; fixes: Set<string>; fixable: Set<string>; unfixed: Map<string, Reason> }
    >();
    for (const reason of reasons) {
        const { finding } = reason;
        if (finding === undefined) continue;
        const name = `${finding.package} ${finding.version}`.trim();
        const entry = packages.get(name) ?? {
            name,
            fixes: new Set(),
            fixable: new Set(),
            unfixed: new Map(),
        };
        if (finding.fixedIn === null) entry.unfixed.set(finding.id, reason);
        else {
            entry.fixes.add(finding.fixedIn);
            entry.fixable.add(finding.id);
        }
        packages.set(name, entry);
    }
    const sizeOf = ({ fixable, unfixed }: { fixable: Set<string>; unfixed: Map<string, Reason> }): number =>
        fixable.size + unfixed.size;
    const sorted = [...packages.values()].sort((a, b) => sizeOf(b) - sizeOf(a) || (a.name < b.name ? -1 : 1));
    const steps = sorted.slice(0, mostPackages).flatMap(({ name, fixes, fixable, unfixed }) => {
        const lines: string[] = [];
        if (fixable.size > 0) {
            const versions = [...fixes].sort();
            const shown = versions.slice(0, 5).join(", ") + (versions.length > 5 ? ", …" : "");
            const target = versions.length === 1 ? shown : `a version with all of these fixes: ${shown}`;
            lines.push(
                `upgrade ${name} to ${target} (${some(fixable.size, "vulnerability", "vulnerabilities")})`,
            );
        }
        if (unfixed.size > 0) {
            const days = [...unfixed.values()].map(({ finding }) =>
                finding === undefined ? 0 : maximumWaiverDays[finding.withFix],
            );
            const most = Math.min(...days);
            const waiver = most > 0 ? `, or have it waived for ${most} days at most` : "";
            lines.push(
                `replace or remove ${name}${waiver} (${some(unfixed.size, "vulnerability", "vulnerabilities")} without a fix)`,
            );
        }
        return lines;
    });
    const left = sorted.length - mostPackages;
    return left > 0 ? [...steps, `and likewise for ${some(left, "more package", "more packages")}`] : steps;
}

function some(count: number, one: string, many: string): string {
    return `${count} ${count === 1 ? one : many}`;
}

/** A report as it would be if everything that can be fixed were; what is not a report stays as it is. */
function withoutFixable(report: unknown): unknown {
    const findings = (report as { findings?: unknown } | null | undefined)?.findings;
    if (!Array.isArray(findings)) return report;
    const isFixable = (finding: unknown): boolean => {
        const { fixedIn, willNotFix } = (finding ?? {}) as { fixedIn?: unknown; willNotFix?: unknown };
        return typeof fixedIn === "string" && willNotFix === false;
    };
    return { ...(report as object), findings: findings.filter((finding) => !isFixable(finding)) };
}

/** When a pass ends without anything else happening: a report or its data grows too old, or a waiver expires. */
function holdsUntil({ policy, reports, stage, application }: JudgeRequest): string[] {
    const ends: { at: number; why: string }[] = [];
    const { readable } = sortReports(reports);
    for (const name of policy.requiredScanners[stage]) {
        for (const { finishedAt, dataBuiltAt } of readable.get(name) ?? []) {
            ends.push({
                at: Date.parse(finishedAt) + policy.maximumReportAgeHours * hour,
                why: `the ${name} report is too old`,
            });
            ends.push({
                at: Date.parse(dataBuiltAt ?? "") + policy.maximumDataAgeHours * hour,
                why: `the vulnerability data of ${name} is too old`,
            });
        }
    }
    for (const waiver of policy.waivers.filter((each) => concerns(each, application))) {
        const end = Date.parse(`${waiver.expires}T00:00:00Z`) + 24 * hour;
        ends.push({ at: end, why: `the waiver of ${waiver.id} has expired` });
    }
    const [first] = ends.filter(({ at }) => Number.isFinite(at)).sort((a, b) => a.at - b.at);
    return first === undefined
        ? []
        : [`it passes until ${new Date(first.at).toISOString()}: then ${first.why}`];
}
