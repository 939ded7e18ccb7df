import {
    EvidenceError,
    applicationPattern,
    executionPattern,
    type EvidenceStore,
} from "../evidence/evidenceStore";
import { commitPattern, serializeCheckReport, type CheckToolName } from "./checkReport";
import type { CheckOutcome } from "./lint";

/** What the evidence of a check is about. */
export interface CheckSubject {
    application: string;
    commit: string;
    /** Pipeline execution id. */
    execution: string;
}

/**
 * The key of one piece of a check's evidence: `<application>/git-<commit>/<tool>/<execution>/verify/<file>`.
 * @throws EvidenceError when a part could lead out of its place.
 */
export function checkKey(
    { application, commit, execution }: CheckSubject,
    tool: CheckToolName,
    file: "raw.json" | "report.json",
): string {
    if (!applicationPattern.test(application))
        throw new EvidenceError(
            `application "${application}" is not a name of lower-case letters, digits and hyphens`,
        );
    if (!executionPattern.test(execution))
        throw new EvidenceError(
            `execution "${execution}" is not an id of letters, digits, hyphens and underscores`,
        );
    if (!commitPattern.test(commit)) throw new EvidenceError(`"${commit}" is not the full id of a commit`);
    return `${application}/git-${commit}/${tool}/${execution}/verify/${file}`;
}

/**
 * Stores the outcome of a check, what the tool said first: a report is only there when what it was made of is too.
 * @throws EvidenceError
 */
export async function storeCheck(
    store: EvidenceStore,
    subject: CheckSubject,
    { report, raw }: CheckOutcome,
): Promise<void> {
    const tool = report.tool.name;
    if (raw !== null) await store.put(checkKey(subject, tool, "raw.json"), raw);
    await store.put(checkKey(subject, tool, "report.json"), Buffer.from(serializeCheckReport(report)));
}
