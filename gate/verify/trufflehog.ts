import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { canaryText } from "./canary";
import { changedFiles, commitTexts, writeBlobs, type ChangedFile } from "./commitFiles";
import type { CheckFinding } from "./checkReport";
import type { SecretScan, SecretScanResult } from "./gitleaks";
import { CheckError } from "./gitRepository";
import { lastWords, runTool } from "./toolProcess";
import { parseTrufflehogReport, readTrufflehogLog } from "./trufflehogReport";

/** With --fail, results end trufflehog with this. */
const foundCode = 183;

/** Planted beside the files, before and after all others in the order of names. */
const canaries = ["!canary-first", "~canary-last"] as const;

/**
 * Has trufflehog look through the range. Its own git source is not used: `--since-commit` stops at the base in the
 * order of dates, so that commits of a merged branch which are older are never seen; merges are not shown; and an
 * unknown base ends it with 0 and no result. It gets every content that the commits brought in, and what they say, as
 * files, and two planted files of which it must find the secrets: both, or it has not looked at all.
 * @throws CheckError when it cannot be run.
 */
export async function scanWithTrufflehog(scan: SecretScan): Promise<SecretScanResult> {
    const { repository, range, scratch, timeoutSeconds } = scan;
    const call = {
        program: resolve(scan.program),
        folder: scratch,
        environment: repository.environment,
        timeoutSeconds,
    };
    const asked = await runTool({
        ...call,
        args: ["--version"],
        timeoutSeconds: Math.min(60, timeoutSeconds),
    });
    if (asked.code !== 0)
        throw new CheckError(`trufflehog cannot be run: ${asked.problem ?? lastWords(asked)}`);
    const version = `${asked.stdout.toString("utf8")}${asked.stderr}`
        .trim()
        .replace(/^trufflehog\s+/, "")
        .slice(0, 100);
    const rules: string[] = [];
    if (scan.rules !== null) {
        const copy = join(scratch, "rules.yaml");
        try {
            await writeFile(copy, await readFile(scan.rules));
        } catch (error) {
            throw new CheckError(
                `the secret rules ${scan.rules} cannot be read (${(error as Error).message})`,
            );
        }
        rules.push(`--config=${copy}`);
    }
    const folder = join(scratch, "files");
    await mkdir(folder, { mode: 0o700 });
    const files = await changedFiles(repository, range);
    const binary = await writeBlobs(repository, files.keys(), folder, withoutIgnoreTags);
    for (const [commit, text] of await commitTexts(repository, range)) {
        await writeFile(join(folder, `commit-${commit}`), withoutIgnoreTags(Buffer.from(text)), {
            mode: 0o600,
        });
        files.set(`commit-${commit}`, [{ commit, path: null }]);
    }
    for (const name of canaries) await writeFile(join(folder, name), canaryText(name), { mode: 0o600 });
    const results = "--results=verified,unverified,unknown";
    const options = ["--json", "--no-verification", "--no-update", "--fail", "--no-color", results, ...rules];
    const end = await runTool({ ...call, args: ["filesystem", ...options, "files"] });
    if (end.problem !== null) throw new CheckError(`trufflehog ${end.problem}`);
    const parsed = parseTrufflehogReport([end.stdout]);
    const { findings, redacted, stray, missing } = placed(parsed, files);
    const log = readTrufflehogLog(end.stderr);
    const reasons = [
        ...parsed.reasons,
        ...log.complaints.slice(0, 5).map((text) => `trufflehog complains: ${text}`),
    ];
    if (end.code !== foundCode)
        reasons.push(
            `trufflehog exited ${end.code}, not ${foundCode} as it does when it finds what was planted`,
        );
    if (log.results !== parsed.findings.length) {
        reasons.push(
            log.results === null
                ? "trufflehog does not say that it finished"
                : `trufflehog counts ${log.results} results, but lists ${parsed.findings.length}`,
        );
    }
    if (missing.length > 0)
        reasons.push(
            `trufflehog did not find the secrets planted in ${missing.join(" and ")}; it has not looked at all files`,
        );
    if (stray.length > 0) reasons.push(`trufflehog speaks of a file that was not given to it (${stray[0]})`);
    const notes =
        binary === 0
            ? []
            : [`${binary} binary files were searched only as far as trufflehog understands their format`];
    return { findings, reasons, redacted, version, notes };
}

/** Trufflehog skips lines with this tag; the application may not say what is skipped. As long as before. */
function withoutIgnoreTags(content: Buffer): Buffer {
    const tag = Buffer.from("trufflehog:ignore");
    for (let at = content.indexOf(tag); at !== -1; at = content.indexOf(tag, at)) content[at + 10] = 0x5f;
    return content;
}

/** Findings with commit and path in place of the file that was written for them, without those that were planted. */
function placed(
    parsed: { findings: CheckFinding[]; redacted: Uint8Array },
    files: ReadonlyMap<string, readonly ChangedFile[]>,
): { findings: CheckFinding[]; redacted: Uint8Array; stray: string[]; missing: string[] } {
    const missing = new Set<string>(canaries);
    const findings: CheckFinding[] = [];
    const stored: unknown[] = [];
    const stray: string[] = [];
    const entries = JSON.parse(Buffer.from(parsed.redacted).toString("utf8")) as {
        SourceMetadata: unknown;
    }[];
    for (const [at, finding] of parsed.findings.entries()) {
        const name = basename(finding.file);
        if (canaries.some((canary) => canary === name)) {
            missing.delete(name);
            continue;
        }
        const places = files.get(name);
        if (places === undefined) stray.push(finding.file);
        for (const { commit, path } of places ?? [{ commit: undefined, path: "" }]) {
            const line = path === null ? 0 : finding.line;
            const place = { ...(commit === undefined ? {} : { commit }), file: path ?? "", line };
            findings.push({ ...finding, ...place, source: `/${stored.length}` });
            stored.push({ ...entries[at], SourceMetadata: { Data: { Git: place } } });
        }
    }
    return {
        findings,
        redacted: Buffer.from(`${JSON.stringify(stored, null, 1)}\n`),
        stray,
        missing: [...missing],
    };
}
