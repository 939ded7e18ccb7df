import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeBytes } from "../evidence/evidenceStore";
import { checkReport } from "./checkReport";
import { scanWithGitleaks, type SecretScan, type SecretScanResult } from "./gitleaks";
import { CheckError, ScanRepository } from "./gitRepository";
import type { CheckOutcome } from "./lint";
import { scanWithTrufflehog } from "./trufflehog";
import { pushedRange, type BaseChoice, type PushedRange } from "./pushedRange";

/** Scanners that `gate secrets` can run. */
export const secretTools = ["gitleaks", "trufflehog"] as const;
export type SecretTool = (typeof secretTools)[number];

const scanners: Record<SecretTool, (scan: SecretScan) => Promise<SecretScanResult>> = {
    gitleaks: scanWithGitleaks,
    trufflehog: scanWithTrufflehog,
};

/** Which commits are looked through, and how. */
export interface SecretsRequest {
    /** Working copy with its whole history. */
    repository: string;
    /** Full id of the commit that was pushed last. */
    head: string;
    /** Finds out up to which commit everything was scanned; a CheckError makes the check incomplete. */
    base: () => Promise<BaseChoice>;
    tool: SecretTool;
    /** Path of the scanner. */
    program: string;
    rules: string | null;
    timeoutSeconds: number;
    now: () => Date;
}

/**
 * Has a scanner look for secrets in exactly the commits that were pushed. Never throws: whatever cannot be believed
 * gives an incomplete report. Any finding fails. Neither the report nor what is kept of the scanner's answer holds
 * the text of a secret.
 */
export async function secrets(request: SecretsRequest): Promise<CheckOutcome> {
    const { head, tool, timeoutSeconds } = request;
    const startedAt = request.now().toISOString();
    const notes: string[] = [];
    let range: PushedRange | null = null;
    let result: SecretScanResult = {
        findings: [],
        reasons: [],
        redacted: Buffer.alloc(0),
        version: "",
        notes: [],
    };
    const scratch = await mkdtemp(join(tmpdir(), "gate-secrets-"));
    try {
        const choice = await request.base();
        const repository = await ScanRepository.open(request.repository, { head, scratch, timeoutSeconds });
        range = await pushedRange(repository, choice);
        notes.push(...range.notes);
        const { program, rules } = request;
        result = await scanners[tool]({ repository, range, program, rules, scratch, timeoutSeconds });
        notes.push(...result.notes);
    } catch (error) {
        const { message } = error as Error;
        const reason =
            error instanceof CheckError ? message : `the commits could not be scanned (${message})`;
        result = { ...result, reasons: [reason] };
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
    const raw = result.redacted.length === 0 ? null : result.redacted;
    const report = checkReport({
        tool: { name: tool, version: result.version },
        subject: {
            commit: head,
            ...(range === null ? {} : { range: { base: range.base, head, commits: range.commits } }),
        },
        startedAt,
        finishedAt: request.now().toISOString(),
        raw: raw === null ? null : describeBytes(raw),
        notes,
        threshold: "error",
        findings: result.findings,
        reasons: result.reasons,
    });
    return { report, raw };
}
