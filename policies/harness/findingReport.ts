/** Hands findings to the SDK. */
import type { ReportViolation, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { settingsPolicyName } from "./configuration";
import type { Finding, GroupJudgement } from "./judgement";

/** Reports what a rule group found; `notApplicable` of the SDK throws, so nothing comes after it. */
export function reportJudgement(
    judgement: GroupJudgement | undefined,
    args: ResourceValidationArgs | StackValidationArgs,
    report: ReportViolation,
): void {
    if (!judgement)
        return args.notApplicable("not part of the chosen profile, or about other resource types");
    if (judgement.notApplicable !== undefined) return args.notApplicable(judgement.notApplicable);
    for (const finding of judgement.findings) reportFinding(finding, report);
}

/** One mandatory finding for all problems of the settings; none when there is none. */
export function reportSettingsProblems(
    problems: string[],
    urn: string | undefined,
    report: ReportViolation,
): void {
    if (problems.length === 0) return;
    reportFinding(
        {
            kind: "violation",
            message:
                `[${settingsPolicyName}] The settings of the policy pack are wrong, so defaults are used: ` +
                `${problems.join("; ")}\nFix: correct the entry "${settingsPolicyName}" of the policy configuration.`,
            severity: "high",
            enforcement: "mandatory",
            ...(urn === undefined ? {} : { urn }),
        },
        report,
    );
}

/**
 * The SDK honours an object here (server.ts, makeReportViolationFun) though its types only show the text form. Only
 * the object form leaves the message as it is and lets a finding have its own severity, level and resource.
 */
function reportFinding(finding: Finding, report: ReportViolation): void {
    (report as unknown as (finding: object) => void)({
        message: finding.message,
        urn: finding.urn,
        severity: finding.severity,
        enforcementLevel: finding.enforcement,
    });
}
