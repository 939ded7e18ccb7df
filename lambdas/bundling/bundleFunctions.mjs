/**
 * Bundles functions and prints them. A process of its own, because esbuild has plugins only when it works
 * asynchronously, and a Pulumi program wants its code at once.
 *
 * Argument: a JSON object of entry points by name. Output: a JSON object of the bundles in Base64, by the same names.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { leanModules, replacedPackages } from "./leanModules.mjs";

const entryPoints = JSON.parse(process.argv[2] ?? "{}");

const { outputFiles } = await build({
    // Paths that esbuild derives from the sources are relative to this folder.
    absWorkingDir: join(dirname(fileURLToPath(import.meta.url)), "..", ".."),
    entryPoints,
    outdir: "bundles",
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: "cjs",
    // Modules of the ES kind, of which only what is used is taken.
    mainFields: ["module", "main"],
    alias: replacedPackages,
    plugins: [leanModules],
    minify: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    // A configuration of the caller's must not change what is built.
    tsconfigRaw: { compilerOptions: { strict: true, target: "es2023" } },
});

const bundles = Object.keys(entryPoints).map((name) => {
    const [file, ...others] = outputFiles.filter(({ path }) => path.endsWith(join("bundles", `${name}.js`)));
    if (file === undefined || others.length > 0) throw new Error(`esbuild did not give exactly one ${name}`);
    return [name, Buffer.from(file.contents).toString("base64")];
});
process.stdout.write(JSON.stringify(Object.fromEntries(bundles)));
