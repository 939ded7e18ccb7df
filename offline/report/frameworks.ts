/** Controls of public frameworks that rules refer to, and how each fares in a run. */
import type { PolicyInfo, RunResult } from "../model";
import { byCodeUnit, byName } from "./resourceIndex";
import { findingsOf, statusOf } from "./verdict";

/** A control as a rule names it. */
export interface ControlReference {
    framework: string;
    /** Empty where the framework has none. */
    version: string;
    control: string;
}

/** From worst to best: a control is no better than its worst rule. */
export const ruleStatuses = [
    "failed",
    "inconclusive",
    "exempted",
    "passed",
    "notApplicable",
    "disabled",
] as const;
export type RuleStatus = (typeof ruleStatuses)[number];

export interface ControlCoverage {
    control: string;
    status: RuleStatus;
    /** The rules behind it, each with its own status. */
    rules: { rule: string; status: RuleStatus }[];
}

export interface FrameworkCoverage {
    framework: string;
    version: string;
    /** `standard`: written for people; `rules`: another public rule set that checks the same. */
    kind: "standard" | "rules";
    /** Controls that at least one rule of the pack answers for. */
    implemented: number;
    byStatus: Record<RuleStatus, number>;
    controls: ControlCoverage[];
}

interface Framework {
    name: string;
    kind: FrameworkCoverage["kind"];
    pattern: RegExp;
}

const version = "v?(?<version>\\d+(?:\\.\\d+)*)";
const control = "(?<control>\\S.*?)";
const framework = (name: string, body: string, kind: FrameworkCoverage["kind"] = "standard"): Framework => ({
    name,
    kind,
    pattern: new RegExp(`^${body}(?: \\([^()]*\\))?$`, "i"),
});

/** What follows the name differs by framework; a text that fits none is a source to read, no control. */
const frameworks: readonly Framework[] = [
    framework("CIS AWS", `CIS AWS(?: Foundations)?(?: Benchmark)? ${version} ${control}`),
    framework("CIS Software Supply Chain", `CIS Software Supply Chain(?: Security)? ${version} ${control}`),
    framework("FSBP", "FSBP (?<control>[A-Za-z0-9]+\\.\\d+)"),
    framework("FSBP", "FSBP (?<control>[A-Z][A-Za-z]*\\d+)"),
    framework("NIST SP 800-190", "NIST (?:SP )?800-190 (?<control>[\\d.]+)"),
    framework("NIST SP 800-53", `NIST (?:SP )?800-53 (?:r|Rev\\.? ?)(?<version>\\d) ${control}`),
    framework("NIST SSDF", `NIST (?:SP 800-218|SSDF)(?: ${version})? (?<control>[A-Z]{2}\\.\\S+)`),
    framework("PCI DSS", `PCI[ -]DSS ${version} ${control}`),
    framework("OWASP CI/CD Top 10", "OWASP (?<control>CICD-SEC-\\d+)"),
    framework("SLSA", `SLSA ${version} ${control}`),
    framework("checkov", "(?:checkov )?(?<control>CKV2?_[A-Z]+_\\d+)", "rules"),
    framework("trivy", "(?:trivy|tfsec) (?<control>(?:AVD-)?[A-Z]+-\\d+)", "rules"),
    framework("cdk-nag", "cdk-nag (?<control>[A-Za-z0-9.-]+)", "rules"),
    framework("prowler", "prowler (?<control>[a-z0-9_]+)", "rules"),
];

/** Reads a reference of a rule; undefined when it names no control of a framework. */
export function controlOf(reference: string): (ControlReference & Pick<Framework, "kind">) | undefined {
    for (const { name, kind, pattern } of frameworks) {
        const found = pattern.exec(reference.trim())?.groups;
        if (found?.["control"]) {
            return { framework: name, kind, version: found["version"] ?? "", control: found["control"] };
        }
    }
    return undefined;
}

/** The controls that a policy announces: among its tags, else the one that the SDK has a place for. */
function controlsOf(policy: PolicyInfo): (ControlReference & Pick<Framework, "kind">)[] {
    const tagged = policy.references.flatMap((reference) => controlOf(reference) ?? []);
    const announced = policy.framework;
    if (tagged.length > 0 || !announced || announced.name === "" || !/\d/.test(announced.reference)) {
        return tagged;
    }
    const { name, reference } = announced;
    return [{ framework: name, kind: "standard", version: announced.version, control: reference }];
}

/** How every rule of a run fared, by its worst finding. */
export function ruleStatusesOf(result: RunResult): Map<string, RuleStatus> {
    const statuses = new Map<string, RuleStatus>();
    const never = new Set(result.policy?.notApplicablePolicies);
    for (const policy of result.policy?.policies ?? []) {
        const status = never.has(policy.name) ? "notApplicable" : "passed";
        statuses.set(policy.name, policy.enforcement === "disabled" ? "disabled" : status);
    }
    for (const finding of findingsOf(result)) {
        const status = { violation: "failed", inconclusive: "inconclusive", exempted: "exempted" } as const;
        const found = status[statusOf(finding)];
        const known = statuses.get(finding.policy) ?? "disabled";
        statuses.set(finding.policy, worst([found, known]));
    }
    return statuses;
}

function worst(statuses: readonly RuleStatus[]): RuleStatus {
    return ruleStatuses.find((status) => statuses.includes(status)) ?? "disabled";
}

/** Standards first, then rule sets; by name. Only what some rule of the pack refers to is in it. */
export function frameworkCoverageOf(result: RunResult): FrameworkCoverage[] {
    const statuses = ruleStatusesOf(result);
    const found = new Map<string, FrameworkCoverage & { byControl: Map<string, Set<string>> }>();
    for (const policy of result.policy?.policies ?? []) {
        for (const each of controlsOf(policy)) {
            const key = JSON.stringify([each.framework, each.version]);
            const entry = found.get(key) ?? {
                framework: each.framework,
                version: each.version,
                kind: each.kind,
                implemented: 0,
                byStatus: Object.fromEntries(ruleStatuses.map((status) => [status, 0])) as Record<
                    RuleStatus,
                    number
                >,
                controls: [],
                byControl: new Map<string, Set<string>>(),
            };
            found.set(key, entry);
            entry.byControl.set(
                each.control,
                (entry.byControl.get(each.control) ?? new Set()).add(policy.name),
            );
        }
    }
    return [...found.values()]
        .map(({ byControl, ...coverage }) => {
            const controls = [...byControl]
                .sort(([a], [b]) => byName(a, b))
                .map(([name, names]): ControlCoverage => {
                    const rules = [...names]
                        .sort(byName)
                        .map((rule) => ({ rule, status: statuses.get(rule) ?? "disabled" }));
                    return { control: name, status: worst(rules.map(({ status }) => status)), rules };
                });
            for (const { status } of controls) {
                coverage.byStatus[status] += 1;
            }
            return { ...coverage, implemented: controls.length, controls };
        })
        .sort(
            (a, b) =>
                byCodeUnit(b.kind, a.kind) ||
                byName(a.framework, b.framework) ||
                byName(a.version, b.version),
        );
}
