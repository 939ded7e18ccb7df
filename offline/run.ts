/** One offline run: engine, program and policy pack side by side, then the result. */
import { join } from "node:path";
import { DeploymentEngine, captured } from "./engine/engine";
import { startServer } from "./engine/server";
import { TypingsReader } from "./behaviour/typings";
import type { RunResult } from "./model";
import { PolicyClient } from "./policyClient";
import type { GivenConfiguration } from "./policyConfiguration";
import { PolicyConfigurationError } from "./policyConfiguration";
import { loggedErrorExitCode, sdkDirectory, startProgram } from "./program";
import { readProject, readStackConfiguration } from "./project";

export interface RunOptions {
    /** Folder of Pulumi.yaml. */
    cwd: string;
    stack: string;
    mode: RunResult["mode"];
    /** Folder of the policy pack; null = no policies. */
    policyPack: string | null;
    /** Levels and settings of policies on top of the pack's own. */
    policyConfiguration?: GivenConfiguration;
    /** Instead of, or on top of, the stack file: same forms as under `config:`. */
    config?: Record<string, unknown>;
    /** Progress, one short line each; `passing` lines are only worth showing until the next one. */
    onProgress?(line: string, passing?: boolean): void;
    /** How long a program may live on after its first error, in milliseconds. */
    errorGrace?: number;
    /** How long a program may run at all, in milliseconds; default ten minutes. */
    programTimeout?: number;
}

/** Everything that stopped a run from being judged; `lines` says what to do. */
export class RunFailure extends Error {
    constructor(
        readonly lines: string[],
        /** What was captured before the failure, if anything. */
        readonly result?: RunResult,
    ) {
        super(lines.join("\n"));
    }
}

/**
 * Runs a stack's program against the offline engine. Resolves with a result whose `program.exitCode` is 0; throws
 * `RunFailure` when the program, the engine or the pack failed, and `ProjectError` for unusable project files.
 */
export async function runOffline(options: RunOptions): Promise<RunResult> {
    const started = performance.now();
    const progress = options.onProgress?.bind(options) ?? (() => undefined);
    const project = readProject(options.cwd);
    const configuration = readStackConfiguration(project, options.stack, options.config);
    // Beside the node_modules that is used, so that test programs share it.
    const cacheDirectory = join(sdkDirectory(project.programDirectory), "..", "..", "..", ".cache");
    const timings: Record<string, number> = {};

    let client: PolicyClient | null = null;
    let registered = 0;
    const engine = new DeploymentEngine({
        project: project.name,
        stack: configuration.stack,
        mode: options.mode,
        config: configuration.config,
        secretConfigKeys: configuration.secretKeys,
        typings: new TypingsReader(project.programDirectory),
        onResource: (resource) => {
            client?.analyze(resource);
            registered += 1;
            progress(`${registered} resources registered, last ${resource.captured.name}`, true);
        },
    });
    configuration.notes.forEach((message) => engine.addLog({ severity: "info", message }));
    const server = await startServer(engine, project.directory);
    timings["setUp"] = performance.now() - started;
    try {
        client =
            options.policyPack === null
                ? null
                : PolicyClient.start({
                      directory: options.policyPack,
                      project,
                      configuration,
                      mode: options.mode,
                      engineAddress: server.address,
                      cacheDirectory,
                      ...(options.policyConfiguration === undefined
                          ? {}
                          : { policyConfiguration: options.policyConfiguration }),
                  });
        progress(`running ${project.name}/${configuration.stack} (${options.mode})`);
        const programStarted = performance.now();
        const exitCode = await runProgram(
            engine,
            () =>
                startProgram({
                    project,
                    configuration,
                    mode: options.mode,
                    engineAddress: server.address,
                    cacheDirectory,
                    onLine: (stream, line) => programLine(engine, stream, line),
                }),
            { grace: options.errorGrace ?? 5_000, timeout: options.programTimeout ?? 600_000 },
        );
        timings["program"] = performance.now() - programStarted;
        if (exitCode === 0 && !engine.finished) {
            engine.failures.push(
                "the program ended with exit code 0 before it was through: look for process.exit, or for a promise that nothing keeps alive",
            );
        }
        if (exitCode === 0) {
            progress(`${engine.resources.size} resources registered`);
        }

        const result = (policy: RunResult["policy"]): RunResult => ({
            project: project.name,
            stack: configuration.stack,
            mode: options.mode,
            ...captured(engine),
            policy,
            timings: { ...timings, total: performance.now() - started },
            program: { exitCode },
        });
        if (exitCode !== 0 || engine.failures.length > 0) {
            throw new RunFailure(failureLines(engine, exitCode), result(null));
        }
        if (client === null) {
            return result(null);
        }
        const policyStarted = performance.now();
        progress("waiting for the policy pack");
        try {
            const policy = await client.finish([...engine.resources.values()]);
            timings["policyPackBoot"] = client.bootMilliseconds;
            timings["policyAfterProgram"] = performance.now() - policyStarted;
            return result(policy);
        } catch (error) {
            const lines =
                error instanceof PolicyConfigurationError ? error.lines : [(error as Error).message];
            throw new RunFailure(lines, result(null));
        }
    } finally {
        client?.close();
        server.close();
    }
}

/** Runs the program to its end; once an error was logged it has `grace` milliseconds left, and `timeout` in all. */
async function runProgram(
    engine: DeploymentEngine,
    start: () => ReturnType<typeof startProgram>,
    { grace, timeout }: { grace: number; timeout: number },
): Promise<number> {
    const program = start();
    const started = performance.now();
    let seen: number | undefined;
    const watch = setInterval(() => {
        if (performance.now() - started > timeout && engine.failures.length === 0) {
            engine.failures.push(`the program did not end within ${timeout / 1000} s`);
            program.kill();
        }
        const failed = engine.failures.length > 0 || engine.log.some(({ severity }) => severity === "error");
        if (failed) {
            seen ??= performance.now();
            if (performance.now() - seen > grace) {
                program.kill();
            }
        }
    }, 100);
    try {
        return await program.exited;
    } finally {
        clearInterval(watch);
    }
}

/** What the program prints; the real CLI shows these lines as information, too. */
function programLine(engine: DeploymentEngine, stream: "stdout" | "stderr", line: string): void {
    if (line.trim() !== "") {
        engine.addLog({ severity: "info", message: stream === "stderr" ? `stderr: ${line}` : line });
    }
}

function failureLines(engine: DeploymentEngine, exitCode: number): string[] {
    const logged = engine.log
        .filter(({ severity }) => severity === "error")
        .map(({ message }) => message.trim());
    // The SDK wraps what the engine refused; the engine's own words are enough.
    const own = logged.filter((message) => !engine.failures.some((failure) => message.includes(failure)));
    const lines = [...new Set([...engine.failures, ...own])];
    if (lines.length > 0) {
        return lines;
    }
    const stderr = engine.log.filter(({ message }) => message.startsWith("stderr: ")).slice(-20);
    const ended =
        exitCode === loggedErrorExitCode
            ? "the program failed without saying why"
            : `the program ended with exit code ${exitCode}`;
    return [ended, ...stderr.map(({ message }) => message.slice("stderr: ".length))];
}
