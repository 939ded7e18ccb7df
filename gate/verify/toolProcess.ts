import { spawn } from "node:child_process";

/** A program to run, never through a shell. */
export interface ToolCall {
    /** Absolute path, or a plain name that is looked up in PATH. */
    program: string;
    args: readonly string[];
    /** Folder it runs in. */
    folder: string;
    /** Its whole environment, beside PATH and the locale. */
    environment?: Readonly<Record<string, string>>;
    input?: Uint8Array;
    timeoutSeconds: number;
    /** Most bytes of standard output, and of standard error; 64 MiB unless given. */
    largestOutput?: number;
    /** Takes standard output piece by piece instead of it being kept; then there is no bound on it. */
    onOutput?: (chunk: Buffer) => void;
}

/** How a program ended. */
export interface ToolEnd {
    /** Exit code; null when it did not end by itself, and then `problem` says why. */
    code: number | null;
    stdout: Buffer;
    stderr: string;
    problem: string | null;
}

/**
 * Runs a program and waits for it. Never throws. The environment of the caller is not handed on, so that no variable
 * of a build (HADOLINT_…, GITLEAKS_…, GIT_…, credentials) reaches the tool. When the time is over, the program and
 * what it started are killed.
 */
export function runTool(call: ToolCall): Promise<ToolEnd> {
    const { program, args, folder, environment = {}, input, timeoutSeconds, onOutput } = call;
    const largest = call.largestOutput ?? 64 * 1024 * 1024;
    return new Promise((resolve) => {
        const child = spawn(program, [...args], {
            cwd: folder,
            env: {
                PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
                LANG: "C.UTF-8",
                LC_ALL: "C.UTF-8",
                ...environment,
            },
            // A process group of its own, so that what it starts can be ended with it.
            detached: true,
            stdio: ["pipe", "pipe", "pipe"],
        });
        let problem: string | null = null;
        const stop = (why: string): void => {
            problem ??= why;
            try {
                if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
            } catch {
                // It has ended in the meantime.
            }
        };
        const timer = setTimeout(
            () => stop(`took more than ${timeoutSeconds} seconds`),
            timeoutSeconds * 1000,
        );
        const collect = (stream: NodeJS.ReadableStream, name: string): Buffer[] => {
            const chunks: Buffer[] = [];
            let length = 0;
            stream.on("data", (chunk: Buffer) => {
                length += chunk.length;
                if (length > largest) stop(`wrote more than ${largest} bytes to standard ${name}`);
                else chunks.push(chunk);
            });
            return chunks;
        };
        const stdout = onOutput === undefined ? collect(child.stdout, "output") : [];
        if (onOutput !== undefined) {
            child.stdout.on("data", (chunk: Buffer) => {
                try {
                    onOutput(chunk);
                } catch (error) {
                    stop((error as Error).message);
                }
            });
        }
        const stderr = collect(child.stderr, "error");
        child.on("error", (error) => {
            problem ??= `cannot be run (${error.message})`;
            // A program that could not be started never closes.
            if (child.pid === undefined) end(null, null);
        });
        // A program that ends before it has read everything breaks the pipe; its exit code tells.
        child.stdin.on("error", () => undefined);
        child.stdin.end(input ?? "");
        child.on("close", end);

        function end(code: number | null, signal: string | null): void {
            clearTimeout(timer);
            if (code === null) problem ??= `was ended by ${signal ?? "something unknown"}`;
            resolve({
                code: problem === null ? code : null,
                stdout: Buffer.concat(stdout),
                stderr: Buffer.concat(stderr).toString("utf8"),
                problem,
            });
        }
    });
}

/** The last line that a program wrote to standard error, for a message; empty when there is none. */
export function lastWords({ stderr }: ToolEnd): string {
    return (withoutColours(stderr).trim().split("\n").at(-1) ?? "").slice(0, 300);
}

/** Text without the colours that some tools write before they have read their options. */
export function withoutColours(text: string): string {
    // eslint-disable-next-line no-control-regex -- the escape character is what colours begin with
    return text.replace(/\u001b\[[0-9;]*m/g, "");
}
