import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";

/** The functions of the approval gate. */
export const approvalFunctionNames = ["recorder", "scan-event", "watchdog"] as const;
export type ApprovalFunctionName = (typeof approvalFunctionNames)[number];

/** Every function of the stack by its name there, and where it begins. */
const entryPoints = {
    recorder: "lambdas/recorder/handler.ts",
    "scan-event": "lambdas/scanEvent/handler.ts",
    watchdog: "lambdas/watchdog/handler.ts",
    admission: "lambdas/admission/handler.ts",
    running: "lambdas/running/handler.ts",
    review: "lambdas/review/handler.ts",
    merge: "lambdas/merge/handler.ts",
    findings: "lambdas/findings/handler.ts",
} as const;

export type FunctionName = keyof typeof entryPoints;
export const functionNames = Object.keys(entryPoints) as FunctionName[];

/** Largest output of the bundler in bytes; that of now is about 1.5 MB. */
const largestOutput = 64 * 1024 * 1024;

let bundles: Record<FunctionName, Uint8Array> | undefined;

/**
 * Bundles one function into one CommonJS file for Lambda's Node 24, to be uploaded as `index.cjs` with `settings.json`
 * beside it; its handler is `index.handler`. The same sources give the same bytes wherever the checkout is. All
 * are made at the first call, since they have many of their modules in common.
 * @returns the file's bytes, and their SHA-256 in hex.
 * @throws Error of esbuild when a source does not compile.
 */
export function bundleFunction(name: FunctionName): { code: Uint8Array; sha256: string } {
    bundles ??= bundleAll();
    const code = bundles[name];
    return { code, sha256: createHash("sha256").update(code).digest("hex") };
}

function bundleAll(): Record<FunctionName, Uint8Array> {
    const output = execFileSync(
        process.execPath,
        [join(__dirname, "bundling", "bundleFunctions.mjs"), JSON.stringify(entryPoints)],
        { encoding: "utf8", maxBuffer: largestOutput, stdio: ["ignore", "pipe", "pipe"] },
    );
    const texts = JSON.parse(output) as Record<FunctionName, string>;
    const decode = (name: FunctionName): Uint8Array => Buffer.from(texts[name], "base64");
    return Object.fromEntries(functionNames.map((name) => [name, decode(name)])) as Record<
        FunctionName,
        Uint8Array
    >;
}
