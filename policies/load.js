// Entry of the policy pack (package.json "main"), for the Pulumi CLI and for `npm start` alike.
//
// The policy runner of the Pulumi SDK type-checks every TypeScript file that it loads, which takes seconds and most of
// a gigabyte. So index.ts is bundled to plain JavaScript here, at every start: that takes some 50 ms, and a stale or
// missing build cannot happen. Packages stay outside the bundle and come from the node_modules of the repository.
"use strict";
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { buildSync } = require("esbuild");

const [bundle] = buildSync({
    entryPoints: [join(__dirname, "index.ts")],
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    absWorkingDir: __dirname,
    write: false,
    logLevel: "warning",
}).outputFiles;

// Named by its content and moved into place: two runs at the same time cannot see half a file of each other.
const folder = join(__dirname, ".cache");
const file = join(
    folder,
    `pack-${createHash("sha256").update(bundle.contents).digest("hex").slice(0, 16)}.cjs`,
);
if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, bundle.contents);
    renameSync(temporary, file);
}
module.exports = require(file);
