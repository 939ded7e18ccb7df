import { createHash } from "node:crypto";
import { join } from "node:path";
import { buildSync } from "esbuild";

/**
 * Bundles the `gate` command into one CommonJS file for Node 20 or later, which build steps fetch by its hash.
 * The same sources give the same bytes wherever the checkout is: no absolute path and no source map gets in.
 * @returns the file's bytes, and their SHA-256 in hex.
 * @throws Error of esbuild when a source does not compile.
 */
export function bundleGate(): { code: Uint8Array; sha256: string } {
    const { outputFiles } = buildSync({
        // Paths that esbuild derives from the sources are relative to this folder.
        absWorkingDir: join(__dirname, ".."),
        entryPoints: ["gate/cli.ts"],
        bundle: true,
        write: false,
        platform: "node",
        target: "node20",
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
