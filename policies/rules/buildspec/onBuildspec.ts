/** What all buildspec rules share: getting at the analysis of an in-line buildspec. */
import { type BuildspecAnalysis, type ScannerFinding } from "../../buildspec/analysis";
import type { CommandFinding } from "../../buildspec/commands";
import { programName } from "../../buildspec/invocation";
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

/**
 * Runs the rule on the commands. Where it finds nothing, a text of the buildspec that cannot be read may hide what it looks
 * for; what a script of the source does is not for rules about the buildspec.
 */
export function onCommands(
    project: ResourceReader,
    judge: (analysis: BuildspecAnalysis, property: string) => Outcome[],
): Outcome[] {
    return onBuildspec(project, (analysis, property) => {
        const outcomes = judge(analysis, property);
        const doubt = analysis.unreadable.find(({ ownText }) => ownText);
        if (outcomes.length > 0 || !doubt) return outcomes;
        return [inconclusive({ property }, `${doubt.reason}: ${shortened(doubt.text)}`)];
    });
}

/** Names a command without its words, which may be secret. */
export function wordlessLabel({ phase, words }: Pick<CommandFinding, "phase" | "words">): string {
    const program = words[0]?.known ? programName(words[0].text) : "a command";
    return `${phase}: ${program}`;
}

/** How a finding names its command: phase and text on one line. */
export function commandLabel(finding: { phase: string; text: string }): string {
    return `${finding.phase}: ${shortened(finding.text)}`;
}
