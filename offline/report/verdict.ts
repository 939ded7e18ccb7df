/** What a run comes to: the one place that turns captured resources and policy answers into a verdict and exit code. */
import type { PolicyDiagnostic, PolicyInfo, RunResult } from "../model";
import { byCodeUnit } from "./resourceIndex";

export const severityOrder = ["critical", "high", "medium", "low", "unspecified"] as const;
export type FindingSeverity = (typeof severityOrder)[number];

/**
 * `pass`: nothing mandatory is violated. `fail`: it is, or strict mode met something that could not be judged.
 * `notRun`: there is no judgement, because the program or the policy pack did not do its work.
 */
export type RunVerdict = "pass" | "fail" | "notRun";

export interface PolicyOverview {
    /** Violations that stop the update, worst first. */
    mandatory: PolicyDiagnostic[];
    advisory: PolicyDiagnostic[];
    /** Could not be judged because a value is unknown. */
    inconclusive: PolicyDiagnostic[];
    /** How many of the inconclusive findings belong to rules that are mandatory. */
    inconclusiveMandatory: number;
    /** Violations that a reviewed exemption excuses for the time being; in no other list. */
    exempted: PolicyDiagnostic[];
    rules: {
        total: number;
        disabled: PolicyInfo[];
        /** Neither violated, exempted nor inconclusive, and not disabled. */
        passed: PolicyInfo[];
    };
    notApplicable: number;
}

export interface Verdict {
    verdict: RunVerdict;
    /** 0 clean, 1 refused, 2 could not run. */
    exitCode: 0 | 1 | 2;
    /** Why there is no pass; empty exactly when there is one. */
    reasons: string[];
}

/** A remediation that was not carried out stops the update like a mandatory policy. */
export function isMandatory(enforcement: PolicyDiagnostic["enforcement"]): boolean {
    return enforcement === "mandatory" || enforcement === "remediate";
}

export type FindingStatus = "violation" | "inconclusive" | "exempted";

/** What a finding is: the three kinds exclude each other. */
export function statusOf(finding: PolicyDiagnostic): FindingStatus {
    return finding.inconclusive ? "inconclusive" : finding.exempted ? "exempted" : "violation";
}

/** True when the finding stops the update: whatever the pack enforces, also what it could not judge (strictUnknowns). */
export function isBlocking(finding: PolicyDiagnostic, options: { strict?: boolean } = {}): boolean {
    return isMandatory(finding.enforcement) || (finding.inconclusive && options.strict === true);
}

/** Every finding that counts, worst first; those of disabled policies do not. */
export function findingsOf(result: RunResult): PolicyDiagnostic[] {
    return [...(result.policy?.diagnostics ?? [])]
        .filter((each) => each.enforcement !== "disabled")
        .sort(compareFindings);
}

/** Total order of findings, so that every report lists them alike whatever order the pack answered in. */
export function compareFindings(a: PolicyDiagnostic, b: PolicyDiagnostic): number {
    return (
        severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity) ||
        Number(isMandatory(b.enforcement)) - Number(isMandatory(a.enforcement)) ||
        byCodeUnit(a.policy, b.policy) ||
        byCodeUnit(a.urn, b.urn) ||
        byCodeUnit(a.message, b.message) ||
        byCodeUnit(a.fix ?? "", b.fix ?? "") ||
        byCodeUnit(a.pack, b.pack) ||
        byCodeUnit(a.enforcement, b.enforcement) ||
        Number(a.inconclusive) - Number(b.inconclusive) ||
        byCodeUnit(JSON.stringify(a.exempted ?? ""), JSON.stringify(b.exempted ?? ""))
    );
}

/** Sorts the pack's answer into what stops, what advises and what could not be judged. */
export function overviewOf(result: RunResult): PolicyOverview {
    const policies = result.policy?.policies ?? [];
    const found = findingsOf(result);
    const inconclusive = found.filter((each) => statusOf(each) === "inconclusive");
    const violations = found.filter((each) => statusOf(each) === "violation");
    const levels = new Map(policies.map((policy) => [policy.name, policy.enforcement]));
    const named = new Set(found.map((each) => each.policy));
    const sorted = [...policies].sort((a, b) => byCodeUnit(a.name, b.name));
    return {
        mandatory: violations.filter((each) => isMandatory(each.enforcement)),
        advisory: violations.filter((each) => !isMandatory(each.enforcement)),
        inconclusive,
        inconclusiveMandatory: inconclusive.filter((each) =>
            isMandatory(levels.get(each.policy) ?? each.enforcement),
        ).length,
        exempted: found.filter((each) => statusOf(each) === "exempted"),
        rules: {
            total: policies.length,
            disabled: sorted.filter((policy) => policy.enforcement === "disabled"),
            passed: sorted.filter((policy) => policy.enforcement !== "disabled" && !named.has(policy.name)),
        },
        notApplicable: result.policy?.notApplicable ?? 0,
    };
}

/**
 * The verdict of a run. Whatever is missing (program failed, an error was logged, nothing was registered, no pack, a
 * pack without rules) is `notRun`, never a pass.
 * @param strict an inconclusive finding counts as a failure
 */
export function verdictOf(result: RunResult, options: { strict?: boolean } = {}): Verdict {
    const missing: string[] = [];
    if (result.program.exitCode !== 0) {
        missing.push(`the program ended with exit code ${result.program.exitCode}`);
    }
    const errors = result.log.filter((line) => line.severity === "error").length;
    if (errors > 0) {
        missing.push(`the program logged ${errors} ${errors === 1 ? "error" : "errors"}`);
    }
    if (result.resources.length === 0) {
        missing.push("the program registered no resource");
    }
    if (result.policy === null) {
        missing.push("the policy pack was not asked");
    } else if (!result.policy.policies.some((policy) => policy.enforcement !== "disabled")) {
        missing.push("the policy pack has no active rule");
    }
    if (missing.length > 0) {
        return { verdict: "notRun", exitCode: 2, reasons: missing };
    }
    const overview = overviewOf(result);
    const refusals: string[] = [];
    if (overview.mandatory.length > 0) {
        refusals.push(
            `${overview.mandatory.length} mandatory ${plural(overview.mandatory.length, "violation")}`,
        );
    }
    const enforced = overview.inconclusive.filter((each) => isMandatory(each.enforcement)).length;
    if (enforced > 0) {
        refusals.push(`${enforced} inconclusive at mandatory level`);
    }
    if (options.strict && overview.inconclusive.length > 0) {
        refusals.push(`${overview.inconclusive.length} inconclusive, and --strict counts that as a failure`);
    }
    return refusals.length > 0
        ? { verdict: "fail", exitCode: 1, reasons: refusals }
        : { verdict: "pass", exitCode: 0, reasons: [] };
}

/** `1 violation`, `2 violations`: the word without the number. */
export function plural(count: number, word: string): string {
    return count === 1 ? word : `${word}s`;
}

/** Title of a policy without its name, which our pack puts in front for readers of the Pulumi Cloud. */
export function titleOf({ name, displayName }: Pick<PolicyInfo, "name" | "displayName">): string {
    return displayName.startsWith(`${name} `) ? displayName.slice(name.length + 1) : displayName;
}
