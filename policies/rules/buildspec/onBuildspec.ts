/** What all buildspec rules share: getting at the analysis of an in-line buildspec. */
import { type BuildspecAnalysis, type ScannerFinding } from "../../buildspec/analysis";
import { inconclusive, notApplicable, pass } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { Outcome } from "../../harness/rule";
import { projectBuildspec } from "../../pipeline/project";
import { shortened } from "../../pipeline/scanEvidence";

/** Names that make an unreadable command a matter of the scan rules. */
const aboutScanning =
    /\b(?:grype|trivy|lacework|lw-scanner|trufflehog|gitleaks|hadolint|checkov|dockle|anchore|snyk|scout|gate(?:\.[cm]?js)?)\b|^(?:node|docker|aws)$/;

/**
 * Runs the rule on the analysis. A buildspec that is elsewhere is another rule's matter (CB-08); one that cannot be
 * parsed is reported by BS-01 and proves nothing here.
 */
export function onBuildspec(
    project: ResourceReader,
    judge: (analysis: BuildspecAnalysis, property: string) => Outcome[],
): Outcome[] {
    const buildspec = projectBuildspec(project);
    if (buildspec.kind === "unknown") return [inconclusive(buildspec, "the buildspec is not known yet")];
    if (buildspec.kind !== "inline") return [notApplicable("the buildspec is not in-line (CB-08)")];
    if (buildspec.analysis.errors.length > 0)
        return [
            inconclusive(buildspec, `the buildspec cannot be read: ${buildspec.analysis.errors[0] ?? ""}`),
        ];
    const outcomes = judge(buildspec.analysis, buildspec.property);
    return outcomes.length > 0 ? outcomes : [pass];
}

/** Runs the rule on every scanner and judge; what cannot be read and may hide one is inconclusive. */
export function onScanners(
    project: ResourceReader,
    judge: (scanner: ScannerFinding, property: string, analysis: BuildspecAnalysis) => Outcome[],
): Outcome[] {
    return onBuildspec(project, (analysis, property) => {
        const outcomes = analysis.scanners.flatMap((scanner) => judge(scanner, property, analysis));
        const doubts = analysis.unreadable.filter(
            ({ text, scope, order }) =>
                (analysis.scanners.length > 0 && scope === "shell") ||
                (scope === "tampered" && analysis.scanners.some((scanner) => order <= scanner.order)) ||
                (analysis.scanners.length === 0 && aboutScanning.test(text)),
        );
        if (outcomes.length === 0 && doubts[0])
            return [inconclusive({ property }, `${doubts[0].reason}: ${shortened(doubts[0].text)}`)];
        return outcomes.length > 0 || analysis.scanners.length > 0
            ? outcomes
            : [notApplicable("no command is a scanner")];
    });
}

/** How a finding names its command: phase and text on one line. */
export function commandLabel(finding: { phase: string; text: string }): string {
    return `${finding.phase}: ${shortened(finding.text)}`;
}
