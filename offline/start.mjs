// `npm start`: bundles the command once, keeps the bundle until a source file changes, and runs it under Node 24.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache", "offline");
const bundle = join(cache, "cli.cjs");
const stamp = join(cache, "cli.stamp");

/** Changes whenever a file that went into the bundle changes; empty while there is no usable bundle. */
function currentStamp(files) {
    try {
        const lines = files.map(
            (file) => `${file} ${statSync(join(root, file)).mtimeMs} ${statSync(join(root, file)).size}`,
        );
        return createHash("sha256")
            .update([process.version, ...lines].join("\n"))
            .digest("hex");
    } catch {
        return "";
    }
}

/** The files that the last bundle was made of. */
function previous() {
    try {
        return existsSync(bundle) ? JSON.parse(readFileSync(stamp, "utf8")) : { files: [], hash: "-" };
    } catch {
        return { files: [], hash: "-" };
    }
}

async function build() {
    const { build: bundleWith } = await import("esbuild");
    mkdirSync(cache, { recursive: true });
    const own = `${bundle}.${process.pid}`;
    const { metafile } = await bundleWith({
        absWorkingDir: root,
        entryPoints: ["offline/cli.ts"],
        outfile: own,
        bundle: true,
        packages: "external",
        platform: "node",
        format: "cjs",
        target: "node20",
        sourcemap: "inline",
        metafile: true,
        logLevel: "error",
    });
    renameSync(own, bundle);
    const files = [...Object.keys(metafile.inputs), "package-lock.json"];
    writeFileSync(stamp, JSON.stringify({ files, hash: currentStamp(files) }));
}

try {
    const { files, hash } = previous();
    if (hash !== currentStamp(files)) {
        await build();
    }
} catch (error) {
    console.error(`offline: the command could not be bundled: ${error.message}`);
    process.exit(2);
}

const own = join(root, "node_modules", ".bin", "node");
const node = existsSync(own) ? own : process.execPath;
if (node !== own) {
    console.error(`offline: node_modules/.bin/node is missing, running under Node ${process.versions.node}`);
}
const child = spawn(node, [bundle, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: {
        ...process.env,
        PORTCULLIS_ROOT: root,
        NODE_COMPILE_CACHE: join(root, ".cache", "compiled"),
    },
});
// A terminal interrupts the whole group; other senders only reach this process.
for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
    console.error(`offline: ${node} could not be started: ${error.message}`);
    process.exit(2);
});
child.on("close", (code) => process.exit(code ?? 2));
