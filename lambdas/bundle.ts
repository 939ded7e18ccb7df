import { createHash } from "node:crypto";
import { join } from "node:path";
import { buildSync } from "esbuild";

/** The approval functions by their names in the stack, and where each begins. */
const entryPoints = {
    recorder: "lambdas/recorder/handler.ts",
    "scan-event": "lambdas/scanEvent/handler.ts",
    watchdog: "lambdas/watchdog/handler.ts",
} as const;

export type FunctionName = keyof typeof entryPoints;
export const functionNames = Object.keys(entryPoints) as FunctionName[];

/**
 * Bundles one function into one CommonJS file for Lambda's Node 24, to be uploaded as `index.cjs` with `settings.json`
 * beside it; its handler is `index.handler`. The same sources give the same bytes wherever the checkout is.
 * @returns the file's bytes, and their SHA-256 in hex.
 * @throws Error of esbuild when a source does not compile.
 */
export function bundleFunction(name: FunctionName): { code: Uint8Array; sha256: string } {
    const { outputFiles } = buildSync({
        // Paths that esbuild derives from the sources are relative to this folder.
        absWorkingDir: join(__dirname, ".."),
        entryPoints: [entryPoints[name]],
        bundle: true,
        write: false,
        platform: "node",
        target: "node24",
        format: "cjs",
        minify: true,
        charset: "utf8",
        legalComments: "none",
        logLevel: "silent",
        // A configuration of the caller's must not change what is built.
        tsconfigRaw: { compilerOptions: { strict: true, target: "es2023" } },
    });
    const code = outputFiles[0]?.contents;
    if (code === undefined || outputFiles.length !== 1)
        throw new Error("esbuild did not give exactly one file");
    return { code, sha256: createHash("sha256").update(code).digest("hex") };
}
