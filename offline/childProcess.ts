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

/** Milliseconds between two looks at whether the parent still lives. */
const parentWatchInterval = 500;

/**
 * Ends a process whose parent is gone: the SDK tries to reach a dead engine for ever, with a whole processor. The watch
 * runs in a thread of its own, since the program may never come back to its event loop. Processes that the program
 * forks have another parent and are left alone.
 */
function parentWatch(parent: number): string {
    const watch = `
        const { ppid, kill, pid } = process;
        setInterval(() => {
            let alive = process.ppid === ${parent};
            try { kill(${parent}, 0); } catch (error) { alive &&= error.code !== "ESRCH"; }
            if (!alive) kill(pid, "SIGKILL");
        }, ${parentWatchInterval});`;
    const start = `
        import { isMainThread, Worker } from "node:worker_threads";
        if (isMainThread && process.channel === undefined)
            new Worker(${JSON.stringify(watch)}, { eval: true, execArgv: [] }).unref();`;
    return `--import=data:text/javascript,${encodeURIComponent(start)}`;
}

/** Runs this very Node with `args`; it ends with this process. All lines have been delivered when `exited` resolves. */
export function startNode(args: string[], options: LineProcessOptions): LineProcess {
    const child = spawn(process.execPath, [parentWatch(process.pid), ...args], {
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
