/**
 * Runs of the program, kept in `.cache/runs` so that spec files which need the same one share it. A record is found by the
 * content of every file that takes part, the configuration and the day: whatever could change the result makes another
 * record. Runs that fail are never kept.
 */
import { createHash } from "node:crypto";
import {
    existsSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RunResult } from "../model";

/** Folders and files that decide what the program registers and what the pack says. Specs decide nothing. */
const sources = ["infra", "gate", "lambdas", "buildspecs", "policies", "offline"];
const rootFiles = /^(package(-lock)?\.json|tsconfig\.json|Pulumi(\.[\w-]+)?\.yaml)$/;

function* filesIn(folder: string): Generator<string> {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            yield* entry.name === "node_modules" ? [] : filesIn(path);
        } else if (!entry.name.endsWith(".spec.ts")) {
            yield path;
        }
    }
}

/** SHA-256 over names and contents of everything that takes part in a run, in hex. */
export function sourceFingerprint(root: string): string {
    const digest = createHash("sha256").update(`${process.version}\0`);
    const files = [
        ...readdirSync(root)
            .filter((name) => rootFiles.test(name))
            .map((name) => join(root, name)),
        ...sources
            .filter((name) => existsSync(join(root, name)))
            .flatMap((name) => [...filesIn(join(root, name))]),
    ];
    for (const file of files.sort()) {
        const content = readFileSync(file);
        digest.update(`${file.slice(root.length)}\0${content.length}\0`).update(content);
    }
    return digest.digest("hex");
}

/** What tells one run of the same sources from another. */
export interface RunKey {
    stack: string;
    mode: RunResult["mode"];
    policy: boolean;
    config: Record<string, unknown>;
}

/** Milliseconds that a run may take before another process no longer waits for it. */
const longestRun = 300_000;

function recordName(key: RunKey): string {
    // Waivers and notices depend on the day.
    const text = JSON.stringify([
        key.stack,
        key.mode,
        key.policy,
        key.config,
        new Date().toISOString().slice(0, 10),
    ]);
    return createHash("sha256").update(text).digest("hex");
}

/** A record whose bundled code has been swept away cannot be used: its assets are files. */
function readRecord(root: string, file: string): RunResult | undefined {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
    const assets = new Set(text.match(/"\.cache\/[^"]+"/g) ?? []);
    return [...assets].every((asset) => existsSync(join(root, asset.slice(1, -1))))
        ? (JSON.parse(text) as RunResult)
        : undefined;
}

/** Takes a lock file, or waits until its owner has let it go or is gone. */
async function withLock<Result>(lock: string, action: () => Promise<Result>): Promise<Result> {
    const deadline = Date.now() + longestRun;
    for (;;) {
        try {
            writeFileSync(lock, String(process.pid), { flag: "wx" });
            break;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
                throw error;
            }
            if (Date.now() > deadline || !lives(lock)) {
                rmSync(lock, { force: true });
            }
            await wait(50);
        }
    }
    try {
        return await action();
    } finally {
        rmSync(lock, { force: true });
    }
}

/** Whether the process that holds a lock still lives. A lock that is just being written counts as held. */
function lives(lock: string): boolean {
    try {
        const owner = Number(readFileSync(lock, "utf8"));
        return owner === 0 || process.kill(owner, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code !== "ESRCH";
    }
}

/** Records of other sources to which nothing was added for an hour are swept away. */
function sweep(folder: string, current: string): void {
    for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (name !== current && Date.now() - statSync(path).mtimeMs > 3_600_000) {
            rmSync(path, { recursive: true, force: true });
        }
    }
}

/**
 * The result of a run: from its record, or run now and recorded. One that was judged by the policies also answers for the
 * same run without them.
 * @param root the project's folder, where `.cache` is
 */
export async function recordedRun(
    root: string,
    key: RunKey,
    run: () => Promise<RunResult>,
): Promise<RunResult> {
    const fingerprint = sourceFingerprint(root);
    const folder = join(root, ".cache", "runs", fingerprint);
    if (!existsSync(folder)) {
        mkdirSync(folder, { recursive: true });
        sweep(join(folder, ".."), fingerprint);
    }
    const own = join(folder, recordName(key));
    const judged = join(folder, recordName({ ...key, policy: true }));
    return withLock(`${own}.lock`, async () => {
        const found = readRecord(root, own) ?? readRecord(root, judged);
        if (found !== undefined) {
            return key.policy ? found : { ...found, policy: null };
        }
        const result = await run();
        // What was edited meanwhile belongs to no record.
        if (sourceFingerprint(root) === fingerprint) {
            const unfinished = `${own}.${process.pid}`;
            writeFileSync(unfinished, JSON.stringify(result));
            renameSync(unfinished, own);
        }
        return result;
    });
}
