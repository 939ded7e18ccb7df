/**
 * Runs a buildspec the way CodeBuild does, as far as our buildspecs use it. Rules from the AWS CodeBuild User Guide,
 * "Build specification reference" and "Build phase transitions":
 *
 * - commands of a phase run in order; the first that fails ends the phase;
 * - INSTALL or PRE_BUILD failed: neither BUILD nor POST_BUILD runs;
 * - BUILD failed: POST_BUILD still runs, unless the phase says `on-failure: ABORT`;
 * - artifacts are collected whatever BUILD said, and a missing file fails the build;
 * - exported variables are read from the environment at the end.
 *
 * Every command gets the environment and the working directory of the one before. Whether shell options such as `-e`
 * survive from one command to the next is not documented, so both ways are offered, and a buildspec must not care.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";

export const phaseNames = ["install", "pre_build", "build", "post_build"] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface Buildspec {
    version: number;
    env: { shell: string; variables?: Record<string, string>; "exported-variables"?: string[] };
    phases: Partial<Record<PhaseName, { commands: string[]; "on-failure"?: string }>>;
    artifacts?: { files: string[] };
}

export interface BuildOptions {
    /** What the project and the pipeline set. */
    environment: Record<string, string>;
    /** Bash bodies of programs that stand in front of the real ones; `$1`… are their arguments. */
    programs: Record<string, string>;
    /** Puts the source into the folder where the build begins. */
    source?: (folder: string) => void;
    /** Whether shell options survive a command. */
    shellOptions: "kept" | "reset";
}

export interface BuildResult {
    succeeded: boolean;
    /** Phases that ran, and how they ended. */
    phases: Partial<Record<PhaseName, "succeeded" | "failed">>;
    exported: Record<string, string>;
    /** Calls of the replaced programs: name and arguments, with `SOURCE` for the folder of the source. */
    calls: string[][];
    /** Everything that was written to the log. */
    output: string;
    artifacts: Record<string, string>;
}

/** Path of bash 4 or later where GNU's tools are, or null: the commands use what the build image has. */
export function findBash(): string | null {
    const probe = 'sha256sum --version >/dev/null && env -0 >/dev/null && echo "${BASH_VERSINFO[0]} $BASH"';
    const { status, stdout } = spawnSync("bash", ["-c", probe], { encoding: "utf8" });
    const [major, path] = status === 0 ? stdout.trim().split(" ") : [];
    return path !== undefined && Number(major) >= 4 ? path : null;
}

export function runBuild(text: string, options: BuildOptions): BuildResult {
    const root = mkdtempSync(join(tmpdir(), "buildspec-"));
    try {
        return new Build(parse(text) as Buildspec, options, root).run();
    } finally {
        rmSync(root, { recursive: true, force: true });
    }
}

/** Separates the words of a recorded call; it occurs in no argument. */
const separator = "\u001f";

class Build {
    private readonly work: string;
    private readonly state: string;
    private readonly callLog: string;
    private environment: Record<string, string>;
    private directory: string;
    private shellOptions = "";
    private output = "";

    constructor(
        private readonly buildspec: Buildspec,
        private readonly options: BuildOptions,
        root: string,
    ) {
        this.work = join(root, "work");
        this.state = join(root, "state");
        this.callLog = join(root, "calls");
        const programs = join(root, "programs");
        const temporary = join(root, "temporary");
        for (const folder of [this.work, this.state, programs, temporary]) mkdirSync(folder);
        writeFileSync(this.callLog, "");
        for (const [name, body] of Object.entries(options.programs)) {
            // One write for each call: the two sides of a pipe run at the same time.
            const record = `(IFS='${separator}'; words=("${name}" "$@"); printf '%s\\n' "\${words[*]}" >> "${this.callLog}")`;
            writeFileSync(join(programs, name), `#!/usr/bin/env bash\n${record}\n${body}\n`, { mode: 0o755 });
        }
        options.source?.(this.work);
        this.directory = this.work;
        this.environment = {
            PATH: [programs, process.env["PATH"] ?? ""].join(delimiter),
            HOME: root,
            // Folders of `mktemp` go away with the run.
            TMPDIR: temporary,
            CODEBUILD_SRC_DIR: this.work,
            ...buildspec.env.variables,
            ...options.environment,
        };
    }

    run(): BuildResult {
        const phases: BuildResult["phases"] = {};
        for (const name of phaseNames) {
            const phase = this.buildspec.phases[name];
            if (phase === undefined) continue;
            const succeeded = phase.commands.every((command) => this.command(command));
            phases[name] = succeeded ? "succeeded" : "failed";
            if (!succeeded && (name !== "build" || phase["on-failure"] === "ABORT")) break;
        }
        const artifacts: Record<string, string> = {};
        let complete = true;
        for (const file of this.buildspec.artifacts?.files ?? []) {
            const path = join(this.work, file);
            if (existsSync(path)) artifacts[file] = readFileSync(path, "utf8");
            else complete = false;
        }
        return {
            succeeded: complete && Object.values(phases).every((status) => status === "succeeded"),
            phases,
            exported: Object.fromEntries(
                (this.buildspec.env["exported-variables"] ?? []).map((name) => [
                    name,
                    this.environment[name] ?? "",
                ]),
            ),
            calls: readFileSync(this.callLog, "utf8")
                .split("\n")
                .filter((line) => line !== "")
                .map((line) => line.replaceAll(this.work, "SOURCE").split(separator)),
            output: this.output,
            artifacts,
        };
    }

    /** Runs one command; true when it succeeded. What it leaves behind is saved however it ends. */
    private command(text: string): boolean {
        const script = join(this.state, "command");
        writeFileSync(script, text);
        const save = `env -0 > "${this.state}/environment"; pwd > "${this.state}/directory"; set +o > "${this.state}/options"`;
        const { status, stdout, stderr } = spawnSync(
            this.buildspec.env.shell,
            [
                "-c",
                `trap '__status=$?; set +e; ${save}; exit $__status' EXIT\n${this.shellOptions}\n. "${script}"`,
            ],
            { cwd: this.directory, env: this.environment, encoding: "utf8", timeout: 30_000 },
        );
        this.output += stdout + stderr;
        this.environment = Object.fromEntries(
            readFileSync(join(this.state, "environment"), "utf8")
                .split("\0")
                .filter((entry) => entry.includes("="))
                .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
        );
        this.directory = readFileSync(join(this.state, "directory"), "utf8").trim();
        if (this.options.shellOptions === "kept") {
            this.shellOptions = readFileSync(join(this.state, "options"), "utf8");
        }
        return status === 0;
    }
}
