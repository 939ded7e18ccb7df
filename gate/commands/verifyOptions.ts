import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { EvidenceStore } from "../evidence/evidenceStore";
import { storeEvidence } from "../evidence/evidence";
import { verifyPlace } from "../evidence/evidencePlace";
import { serializeCheckReport, type CheckToolName, type LintLevel } from "../verify/checkReport";
import type { CheckOutcome } from "../verify/lint";
import { printCheck } from "../verify/printCheck";
import { readCheckReport } from "../verify/reportFile";
import {
    exitCode,
    UsageError,
    type CommandContext,
    type CommandOption,
    type CommandOptions,
} from "./command";
import { evidenceOptions, readEvidence, readTimeout, writeFiles } from "./inputs";
import { inOneLine } from "./oneLine";

/** Seconds that a check may take when `--timeout` is not given. */
const defaultTimeoutSeconds = 900;

/** Judges a report that is already there, instead of running the tool. */
export const checkReportOption: CommandOption = {
    name: "report",
    value: "FILE",
    help: "list the findings of a report that the tool wrote elsewhere; never passes, and is no evidence",
};

/** Options that both commands of the Verify stage have. */
export const verifyOptions: readonly CommandOption[] = [
    { name: "out", value: "FOLDER", help: "gets check.json and raw.json, without the text of any secret" },
    {
        name: "timeout",
        value: "SECONDS",
        help: `limit of the tool's run, ${defaultTimeoutSeconds} unless given`,
    },
    ...evidenceOptions,
];

/** Limit of the tool's run in seconds. @throws UsageError */
export function readCheckTimeout(options: CommandOptions): number {
    return readTimeout(options, defaultTimeoutSeconds);
}

/** Where the evidence goes. */
export interface CheckEvidence {
    store: EvidenceStore;
    application: string;
    execution: string;
}

/** The evidence store that was asked for; null when none was. @throws UsageError */
export function readCheckEvidence(options: CommandOptions): CheckEvidence | null {
    // The digest and the stage are no part of what is read here.
    const evidence = readEvidence(options, "", "test");
    if (evidence === null) return null;
    const { application, execution } = evidence.subject;
    return { store: evidence.store, application, execution };
}

/**
 * Writes and prints a check, and stores its evidence.
 * @returns false when evidence was asked for and could not be stored.
 * @throws IncompleteWorkError when the folder cannot be written.
 */
export async function finishCheck(
    outcome: CheckOutcome,
    { out, evidence, commit }: { out: string; evidence: CheckEvidence | null; commit: string | null },
    context: CommandContext,
): Promise<boolean> {
    const { report, raw } = outcome;
    // None of an earlier check may be taken for this one's.
    await rm(join(out, "raw.json"), { force: true });
    await writeFiles(out, { "raw.json": raw, "check.json": serializeCheckReport(report) });
    printCheck(report, context);
    if (evidence === null) return true;
    try {
        if (commit === null) throw new Error("evidence of a check needs its commit");
        const { store, application, execution } = evidence;
        const place = verifyPlace({ application, commit, tool: report.tool.name, execution });
        await storeEvidence(store, place, { report: Buffer.from(serializeCheckReport(report)), raw });
        return true;
    } catch (error) {
        context.complain(`gate: ${inOneLine((error as Error).message)}`);
        return false;
    }
}

/**
 * Writes and prints what stands in a report that was made elsewhere (`--report`).
 * @returns the exit code.
 * @throws UsageError when evidence is asked for; IncompleteWorkError when the folder cannot be written.
 */
export async function finishReport(
    options: CommandOptions,
    about: { tool: CheckToolName; commit: string | null; threshold: LintLevel },
    context: CommandContext,
): Promise<number> {
    const path = options.required("report");
    const out = options.required("out");
    if (options.optional("evidence") !== undefined)
        throw new UsageError("--report is no evidence: let the gate run the tool");
    const report = readCheckReport(path, { ...about, now: context.now() });
    await finishCheck({ report, raw: null }, { out, evidence: null, commit: about.commit }, context);
    return exitCode[report.outcome];
}
