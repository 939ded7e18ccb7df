/** Starting the program and the policy pack: their environment, their output line by line, their end. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface LineProcess {
    process: ChildProcess;
    /** Exit code; 1 when a signal ended the process; rejects when it cannot be started. */
    exited: Promise<number>;
    kill(): void;
}

export interface LineProcessOptions {
    cwd: string;
    env: NodeJS.ProcessEnv;
    onLine(stream: "stdout" | "stderr", line: string): void;
}

/** Runs this very Node with `args`. All lines have been delivered when `exited` resolves. */
export function startNode(args: string[], options: LineProcessOptions): LineProcess {
    const child = spawn(process.execPath, args, {
        cwd: options.cwd,
        env: options.env,
        stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of ["stdout", "stderr"] as const) {
        createInterface({ input: child[stream] }).on("line", (line) => options.onLine(stream, line));
    }
    const exited = new Promise<number>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code) => resolve(code ?? 1));
    });
    const kill = () => {
        child.kill("SIGKILL");
    };
    process.once("exit", kill);
    exited.finally(() => process.removeListener("exit", kill)).catch(() => undefined);
    return { process: child, exited, kill };
}

/**
 * The parent's environment without anything that could reach a real account or another engine: AWS settings and
 * credentials, Pulumi settings, tracing. `cacheDirectory` keeps compiled modules between runs.
 */
export function scrubbedEnvironment(
    cacheDirectory: string,
    additions: Record<string, string>,
): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(
        ([name]) => !/^(AWS_|PULUMI_|OTEL_|NODE_OPTIONS$|TS_NODE_)/.test(name),
    );
    return {
        ...Object.fromEntries(kept),
        NODE_COMPILE_CACHE: join(cacheDirectory, "compiled"),
        ...additions,
    };
}
