/** What a mutation run comes to, in one row. */

/** The part of Stryker's JSON report that is read here. */
export interface MutationReport {
    files: Record<string, { mutants: { status: string }[] }>;
}

/**
 * Family, mutants, killed, timed out, survived, covered by no test, score in per cent, minutes. A mutant that never
 * ends is noticed; one that no test reaches is not. Mutants that are not judged (ignored, broken) count nowhere.
 */
export function row(name: string, report: MutationReport, seconds: number): string {
    const statuses = Object.values(report.files).flatMap(({ mutants }) =>
        mutants.map(({ status }) => status),
    );
    const count = (status: string) => statuses.filter((each) => each === status).length;
    const [killed, timedOut] = [count("Killed"), count("Timeout")];
    const [survived, uncovered] = [count("Survived"), count("NoCoverage")];
    const judged = killed + timedOut + survived + uncovered;
    const score = judged === 0 ? "none" : `${(((killed + timedOut) / judged) * 100).toFixed(1)} %`;
    const cells = [name, judged, killed, timedOut, survived, uncovered, score, Math.ceil(seconds / 60)];
    return `| ${cells.join(" | ")} |`;
}
