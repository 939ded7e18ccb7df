import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";

/** How much of standard error is kept, from its end. */
const keptErrorCharacters = 8_192;

/** How long a process that has ended may leave its output open, e.g. through children that live on. */
const closingMilliseconds = 2_000;

/** One run of a command line tool. */
export interface CliRun {
    command: string;
    args: readonly string[];
    /** All variables that it gets. */
    environment: Readonly<Record<string, string>>;
    /** Gets standard output. */
    outputPath: string;
    largestOutputBytes: number;
    limitMilliseconds: number;
}

/** How the run ended. */
export interface CliEnding {
    /** Exit code; null when it did not end by itself or could not be started. */
    code: number | null;
    /** Why it did not end by itself; null when it did. */
    problem: string | null;
    /** The last line of standard error that says something. */
    lastError: string;
}

/**
 * Runs a tool without a shell in a process group of its own, its output to a file. When the time is up or the output
 * too large, the whole group is killed. Never throws for what the tool does.
 */
export function runCli(run: CliRun): Promise<CliEnding> {
    const { command, args, environment, outputPath, largestOutputBytes, limitMilliseconds } = run;
    const file = openSync(outputPath, "w", 0o600);
    return new Promise((resolve) => {
        let bytes = 0;
        let error = "";
        let problem: string | null = null;
        let ended = false;
        let closing: NodeJS.Timeout | undefined;
        const child = spawn(command, args, {
            env: environment,
            // A group of its own, so that what it starts can be killed with it.
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
        });
        const stop = (why: string): void => {
            problem ??= why;
            killGroup(child.pid);
        };
        const timer = setTimeout(
            () => stop(`did not end within ${Math.round(limitMilliseconds / 1000)} seconds and was stopped`),
            limitMilliseconds,
        );
        const end = (code: number | null): void => {
            if (ended) return;
            ended = true;
            clearTimeout(timer);
            clearTimeout(closing);
            if (problem !== null) killGroup(child.pid);
            child.stdout.destroy();
            child.stderr.destroy();
            closeSync(file);
            resolve({ code: problem === null ? code : null, problem, lastError: lastLine(error) });
        };
        child.stdout.on("data", (chunk: Buffer) => {
            if (ended || problem !== null) return;
            bytes += chunk.length;
            if (bytes > largestOutputBytes)
                return stop(`printed more than ${largestOutputBytes} bytes and was stopped`);
            try {
                writeSync(file, chunk);
            } catch (failure) {
                stop(`could not be listened to (${(failure as Error).message})`);
            }
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            error = (error + text).slice(-keptErrorCharacters);
        });
        child.on("error", (failure) => {
            problem ??= `could not be started (${failure.message})`;
            end(null);
        });
        child.on("exit", (code, signal) => {
            if (signal !== null) problem ??= `was ended by ${signal}`;
            // Output that is still on its way is waited for, but not for ever.
            closing = setTimeout(() => {
                problem ??= "left its output open when it ended";
                end(code);
            }, closingMilliseconds);
        });
        child.on("close", (code) => end(code));
    });
}

function killGroup(pid: number | undefined): void {
    if (pid === undefined) return;
    try {
        process.kill(-pid, "SIGKILL");
    } catch {
        // Nothing of the group is left.
    }
}

function lastLine(text: string): string {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    return lines.filter((line) => line !== "").at(-1) ?? "";
}
