import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { canaryText } from "./canary";
import { commitTexts } from "./commitFiles";
import { CheckError, type ScanRepository } from "./gitRepository";
import { parseGitleaksReport, readGitleaksLog, type RedactedReport } from "./gitleaksReport";
import { PatchMeter, type PatchSize } from "./patchMeter";
import { rangeArguments, type PushedRange } from "./pushedRange";
import { lastWords, runTool, type ToolCall, type ToolEnd } from "./toolProcess";

/** A secret scanner and how it is to be run. */
export interface SecretScan {
    repository: ScanRepository;
    range: PushedRange;
    /** Path of the program. */
    program: string;
    /** Rules of the pipeline; required for gitleaks. */
    rules: string | null;
    /** An empty folder that only we can write to. */
    scratch: string;
    timeoutSeconds: number;
}

/** What a scanner found, with what may be stored of its answer. */
export interface SecretScanResult extends RedactedReport {
    version: string;
    notes: string[];
}

/** Findings end gitleaks with this, so that they differ from its errors, which end it with 1. */
const foundCode = 183;

/**
 * How git shows the commits to gitleaks, and to us. `--text`: attributes and a zero byte hide nothing.
 * `--diff-merges=first-parent`: a merge is compared with the branch it was made on, so that what was put into the
 * merge itself is seen. `--no-renames`: a moved file counts as a new one.
 */
const logOptions = [
    "--no-ext-diff",
    "--no-textconv",
    "--text",
    "--no-renames",
    "--diff-merges=first-parent",
    "--full-history",
    "--no-notes",
    "--no-color",
];

/**
 * Has gitleaks look through the range. It answers 0 with an empty list also when it has looked at nothing, so its own
 * account has to agree with git's: the same number of commits and the same number of added bytes.
 * @throws CheckError when it cannot be run.
 */
export async function scanWithGitleaks(scan: SecretScan): Promise<SecretScanResult> {
    const { repository, range, scratch, timeoutSeconds } = scan;
    if (scan.rules === null) throw new CheckError("gitleaks needs --rules FILE");
    // By an absolute path: gitleaks leaves out a scanned file whose path is that of its configuration.
    const rules = join(scratch, "rules.toml");
    try {
        await writeFile(rules, await readFile(scan.rules));
    } catch (error) {
        throw new CheckError(`the secret rules ${scan.rules} cannot be read (${(error as Error).message})`);
    }
    const call = {
        program: resolve(scan.program),
        folder: scratch,
        environment: repository.environment,
        timeoutSeconds,
    };
    const version = await versionOf(call);
    const output = [
        "--report-path",
        "-",
        "--report-format",
        "json",
        "--redact=100",
        `--exit-code=${foundCode}`,
    ];
    const common = [
        ...["--config", rules, "--gitleaks-ignore-path", join(scratch, "home"), "--ignore-gitleaks-allow"],
        ...["--no-banner", "--no-color", "--log-level", "info", "--max-target-megabytes", "0", ...output],
    ];
    await checkRules(call, common, scan.rules);
    const arguments_ = [...logOptions, ...rangeArguments(range)];
    const meter = new PatchMeter();
    await repository.git(["log", "--patch", "--unified=0", ...arguments_], (chunk) => meter.add(chunk));
    const size = meter.end();
    const end = await runTool({
        ...call,
        args: ["git", repository.folder, ...common, `--log-opts=${arguments_.join(" ")}`],
    });
    if (end.problem !== null) throw new CheckError(`gitleaks ${end.problem}`);
    const changes = parseGitleaksReport([end.stdout]);
    const texts = await scanTexts(call, common, await commitTexts(repository, range));
    return {
        findings: [
            ...changes.findings,
            ...texts.findings.map((each, at) => ({ ...each, source: `/${changes.findings.length + at}` })),
        ],
        reasons: [...changes.reasons, ...doubtsAboutChanges(end, changes, size), ...texts.reasons],
        redacted: joined(changes.redacted, texts.redacted),
        version,
        notes: [],
    };
}

/**
 * Has gitleaks look through what the commits say themselves, which its git source leaves out: message, author and
 * committer.
 */
async function scanTexts(
    call: Omit<ToolCall, "args">,
    common: readonly string[],
    texts: ReadonlyMap<string, string>,
): Promise<RedactedReport> {
    const lines: string[] = [];
    /** The commit of each line. */
    const commits: string[] = [];
    for (const [commit, text] of texts) {
        for (const line of text.split("\n")) {
            lines.push(line);
            commits.push(commit);
        }
    }
    const input = Buffer.from(`${lines.join("\n")}\n`);
    const end = await runTool({ ...call, args: ["stdin", ...common], input });
    if (end.problem !== null) throw new CheckError(`gitleaks ${end.problem}`);
    const parsed = parseGitleaksReport([end.stdout]);
    const reasons = [...parsed.reasons, ...doubtsAboutRun(end, parsed.findings.length)];
    const { bytes } = readGitleaksLog(end.stderr);
    if (bytes !== input.length)
        reasons.push(
            `gitleaks looked at ${bytes ?? "no"} bytes of commit messages, but there are ${input.length}`,
        );
    const findings = parsed.findings.map(({ line, column: _column, ...finding }) => ({
        ...finding,
        message: `${finding.message} (in the commit's message, author or committer)`,
        line: 0,
        commit: commits[line - 1] ?? commits[0] ?? "",
    }));
    const stored = JSON.parse(Buffer.from(parsed.redacted).toString("utf8")) as object[];
    const redacted = Buffer.from(
        `${JSON.stringify(
            stored.map((entry, at) => ({ ...entry, Commit: findings[at]?.commit })),
            null,
            1,
        )}\n`,
    );
    return { findings, reasons, redacted };
}

/** Two stored lists as one. */
function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
    const lists = [one, other].map((list) => JSON.parse(Buffer.from(list).toString("utf8")) as unknown[]);
    return Buffer.from(`${JSON.stringify(lists.flat(), null, 1)}\n`);
}

async function versionOf(call: Omit<ToolCall, "args">): Promise<string> {
    const end = await runTool({
        ...call,
        args: ["version"],
        timeoutSeconds: Math.min(60, call.timeoutSeconds),
    });
    if (end.code !== 0)
        throw new CheckError(
            `gitleaks cannot be run: ${end.problem ?? (lastWords(end) || `exit ${end.code}`)}`,
        );
    return end.stdout.toString("utf8").trim().split("\n")[0]?.slice(0, 100) ?? "";
}

/** A file without rules, or with rules that never match, finds nothing: the rules have to find a planted secret. */
async function checkRules(
    call: Omit<ToolCall, "args">,
    common: readonly string[],
    rules: string,
): Promise<void> {
    const end = await runTool({ ...call, args: ["stdin", ...common], input: Buffer.from(canaryText()) });
    if (end.code !== 0 && end.code !== foundCode)
        throw new CheckError(`gitleaks cannot use the rules ${rules}: ${end.problem ?? lastWords(end)}`);
    const { findings, reasons } = parseGitleaksReport([end.stdout]);
    const [reason] = reasons;
    if (reason !== undefined) throw new CheckError(reason);
    if (findings.length === 0) {
        throw new CheckError(
            `with the rules ${rules} gitleaks finds no planted AWS key, GitHub token or private key; ` +
                "extend its own rules ([extend] useDefault = true)",
        );
    }
}

/** Whether exit code, log and list say the same, and nothing went wrong on the way. */
function doubtsAboutRun(end: ToolEnd, found: number): string[] {
    const log = readGitleaksLog(end.stderr);
    const doubts = log.complaints
        .slice(0, 5)
        .map((complaint) => `gitleaks complains: ${complaint.slice(0, 300)}`);
    if (end.code !== (found > 0 ? foundCode : 0) || log.leaks !== found)
        doubts.push(
            `gitleaks exited ${end.code} and speaks of ${log.leaks ?? "no"} findings, but lists ${found}`,
        );
    return doubts;
}

function doubtsAboutChanges(
    end: ToolEnd,
    { findings }: RedactedReport,
    { commits, bytes }: PatchSize,
): string[] {
    const log = readGitleaksLog(end.stderr);
    const doubts = doubtsAboutRun(end, findings.length);
    if (log.commits !== commits.size) {
        doubts.push(
            `gitleaks looked at ${log.commits ?? "no"} commits, but ${commits.size} in the range have changes; ` +
                "it did not see all that was pushed",
        );
    }
    if (log.bytes !== bytes) {
        doubts.push(
            `gitleaks looked at ${log.bytes ?? "no"} bytes, but ${bytes} were added; it did not see all that was pushed`,
        );
    }
    const stray = findings.find(({ commit }) => commit === undefined || !commits.has(commit));
    if (stray !== undefined)
        doubts.push(`gitleaks found something in ${stray.commit ?? "no commit"}, which is not in the range`);
    return doubts;
}
