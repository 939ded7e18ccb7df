import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describeBytes } from "../evidence/evidenceStore";
import { checkReport, reaches, type CheckReport, type LintLevel } from "./checkReport";
import { directiveFindings, withoutDirectives } from "./directives";
import { readDockerfile, type Dockerfile } from "./dockerfile";
import { problemWithRules } from "./hadolintConfiguration";
import { parseHadolintReport, type ParsedReport } from "./hadolintReport";
import { lastWords, runTool } from "./toolProcess";

/** Most bytes of a hadolint configuration file. */
const largestRules = 1024 * 1024;

/** What is linted, and how. */
export interface LintRequest {
    /** Working copy of the application's repository. */
    repository: string;
    /** Dockerfile in it. */
    dockerfile: string;
    /** Commit that the working copy is of, when it is known. */
    commit: string | null;
    /** hadolint configuration of the pipeline. */
    rules: string;
    threshold: LintLevel;
    /** Path of the hadolint program. */
    hadolint: string;
    timeoutSeconds: number;
    now: () => Date;
}

/** A judged check and what it was made of, as it may be stored. */
export interface CheckOutcome {
    report: CheckReport;
    raw: Uint8Array | null;
}

/**
 * Has hadolint judge a Dockerfile by the pipeline's own rules. Never throws: whatever cannot be believed gives an
 * incomplete report. hadolint gets a copy in a folder of its own, so that nothing but the file given to it counts: no
 * configuration beside the Dockerfile, in the home folder or in the environment.
 */
export async function lint(request: LintRequest): Promise<CheckOutcome> {
    const startedAt = request.now().toISOString();
    const { commit, threshold } = request;
    let seen: Linted;
    let version = "";
    let raw: Uint8Array | null = null;
    const file = await readDockerfile(request.repository, request.dockerfile);
    if ("problem" in file) seen = { findings: [], reasons: [file.problem] };
    else {
        const folder = await mkdtemp(join(tmpdir(), "gate-lint-"));
        try {
            ({ seen, version, raw } = await runHadolint(request, file, folder));
        } catch (error) {
            seen = {
                findings: [],
                reasons: [`the Dockerfile could not be linted (${(error as Error).message})`],
            };
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
        seen.findings.push(...directiveFindings(file));
    }
    const report = checkReport({
        tool: { name: "hadolint", version },
        subject: { commit, file: "problem" in file ? request.dockerfile : file.path },
        startedAt,
        finishedAt: request.now().toISOString(),
        raw: raw === null ? null : describeBytes(raw),
        notes: [],
        threshold,
        ...seen,
    });
    return { report, raw };
}

type Linted = ParsedReport;

async function runHadolint(
    { rules, threshold, hadolint, timeoutSeconds }: LintRequest,
    dockerfile: Dockerfile,
    folder: string,
): Promise<{ seen: Linted; version: string; raw: Uint8Array | null }> {
    const unusable = (reason: string, version = "") => ({
        seen: { findings: [], reasons: [reason] },
        version,
        raw: null,
    });
    let configuration: Buffer;
    try {
        configuration = await readFile(rules);
        if (configuration.length > largestRules) throw new Error(`more than ${largestRules} bytes`);
    } catch (error) {
        return unusable(`the lint rules ${rules} cannot be read (${(error as Error).message})`);
    }
    const problem = problemWithRules(configuration.toString("utf8"));
    if (problem !== null) return unusable(`the lint rules ${rules} are not usable: ${problem}`);
    await mkdir(join(folder, "home"));
    await writeFile(join(folder, "rules.yaml"), configuration);
    await writeFile(join(folder, "Dockerfile"), withoutDirectives(dockerfile.text));
    const home = join(folder, "home");
    const call = {
        program: resolve(hadolint),
        folder,
        environment: { HOME: home, XDG_CONFIG_HOME: home },
        timeoutSeconds,
    };
    const asked = await runTool({
        ...call,
        args: ["--version"],
        timeoutSeconds: Math.min(60, timeoutSeconds),
    });
    if (asked.problem !== null || asked.code !== 0)
        return unusable(
            `hadolint ${hadolint} ${asked.problem ?? `--version exited ${asked.code}: ${lastWords(asked)}`}`,
        );
    if (!asked.stdout.includes("Haskell Dockerfile Linter"))
        return unusable(`${hadolint} is not hadolint, by what it says of its version`);
    const version = /\d+\.\d+\.\d+\S*/.exec(asked.stdout.toString("utf8").slice(0, 200))?.[0] ?? "";
    const options = ["--config", "rules.yaml", "--format", "json", "--failure-threshold", threshold];
    const end = await runTool({ ...call, args: [...options, "--disable-ignore-pragma", "Dockerfile"] });
    if (end.problem !== null)
        return unusable(`hadolint ${end.problem}; lint again, or look at the Dockerfile`, version);
    const { findings, reasons } = parseHadolintReport([end.stdout], {
        file: "Dockerfile",
        path: dockerfile.path,
    });
    if (end.code !== 0 && end.code !== 1)
        reasons.push(`hadolint exited ${end.code}, which means neither clean nor findings`);
    // The list decides, and the exit code must say the same: exit 1 exactly when an entry reaches the threshold.
    const reached = findings.some(({ level }) => reaches(level, threshold));
    if (reasons.length === 0 && reached !== (end.code === 1)) {
        reasons.push(
            `hadolint exited ${end.code} although ${reached ? "a" : "no"} finding reaches the level ${threshold}; ` +
                `its answer contradicts itself`,
        );
    }
    // It says so here, and only here, when it goes on without its configuration.
    if (end.stderr.trim() !== "") reasons.push(`hadolint complains: ${lastWords(end)}`);
    return { seen: { findings, reasons }, version, raw: end.stdout };
}
