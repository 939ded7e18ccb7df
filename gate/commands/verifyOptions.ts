import type { EvidenceStore } from "../evidence/evidenceStore";
import { storeCheck } from "../verify/checkEvidence";
import { serializeCheckReport } from "../verify/checkReport";
import type { CheckOutcome } from "../verify/lint";
import { printCheck } from "../verify/printCheck";
import { UsageError, type CommandContext, type CommandOption, type CommandOptions } from "./command";
import { evidenceOptions, readEvidence, writeFiles } from "./inputs";
import { inOneLine } from "./printVerdict";

/** Seconds that a check may take when `--timeout` is not given, and the most that may be given. */
const defaultTimeoutSeconds = 900;
const longestTimeoutSeconds = 28_800;

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

/** @throws UsageError */
export function readCheckTimeout(options: CommandOptions): number {
    const text = options.optional("timeout") ?? String(defaultTimeoutSeconds);
    const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (seconds < 1 || seconds > longestTimeoutSeconds)
        throw new UsageError(
            `--timeout "${text}" is not a number of seconds from 1 to ${longestTimeoutSeconds}`,
        );
    return seconds;
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
    await writeFiles(out, { "raw.json": raw, "check.json": serializeCheckReport(report) });
    printCheck(report, context);
    if (evidence === null) return true;
    try {
        if (commit === null) throw new Error("evidence of a check needs its commit");
        const { store, application, execution } = evidence;
        await storeCheck(store, { application, execution, commit }, outcome);
        return true;
    } catch (error) {
        context.complain(`gate: ${inOneLine((error as Error).message)}`);
        return false;
    }
}
