// Makes one JavaScript file of the pack: for `npm pack` (the script "prepack"), and in the repository at the start of
// the pack whenever a source has changed. Not part of the package.
"use strict";
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const { join } = require("node:path");

const cache = join(__dirname, ".cache");
/** Which bundle was made of which sources. */
const record = join(cache, "bundle.json");
const keptBundles = 4;

/** Stays outside: the SDK has to be the one that runs the pack. Everything else becomes part of the bundle. */
const external = ["@pulumi/policy", "@pulumi/pulumi", "google-protobuf"];

/** Bundles a source file; the results are not written. */
function bundle(outfile, entry = "index.ts") {
    // Only here, because esbuild takes longer to load than to see that nothing has changed.
    const { buildSync } = require("esbuild");
    return buildSync({
        entryPoints: [join(__dirname, entry)],
        outfile,
        bundle: true,
        external: external.flatMap((name) => [name, `${name}/*`]),
        platform: "node",
        target: "node20",
        format: "cjs",
        sourcemap: "linked",
        legalComments: "none",
        metafile: true,
        absWorkingDir: __dirname,
        write: false,
        logLevel: "warning",
    });
}

/** Path of a bundle of the sources as they are now. */
function currentBundle() {
    const known = readRecord();
    if (known && known.inputs.every(([path, hash]) => hashOf(path) === hash)) {
        const file = join(cache, known.file);
        if (fs.existsSync(file)) return file;
    }
    fs.mkdirSync(cache, { recursive: true });
    const { outputFiles, metafile } = bundle(join(cache, "pack.cjs"));
    const [code, map] = ["pack.cjs", "pack.cjs.map"].map(
        (name) => outputFiles.find(({ path }) => path.endsWith(name)).contents,
    );
    const name = `pack-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.cjs`;
    write(`${name}.map`, map);
    write(name, Buffer.from(code).toString().replace("=pack.cjs.map", `=${name}.map`));
    const inputs = [...Object.keys(metafile.inputs), "bundle.js", "../package-lock.json", "../tsconfig.json"];
    write("bundle.json", JSON.stringify({ file: name, inputs: inputs.map((path) => [path, hashOf(path)]) }));
    removeOldBundles(name);
    return join(cache, name);
}

/** What the package has beside the files of this folder: bundle, source map, notices, reference pages. */
function writePackage() {
    const folder = join(__dirname, "dist");
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder);
    const { outputFiles, metafile } = bundle(join(folder, "pack.cjs"));
    for (const { path, contents } of outputFiles) fs.writeFileSync(path, contents);
    fs.writeFileSync(join(folder, "THIRD-PARTY-NOTICES.txt"), notices(Object.keys(metafile.inputs)));
    const pages = join(folder, "pages.cjs");
    fs.writeFileSync(pages, bundle(pages, "packageDocs.ts").outputFiles.at(-1).contents);
    const { rulesPage, settingsPage } = require(pages);
    fs.rmSync(pages);
    fs.writeFileSync(join(folder, "RULES.md"), rulesPage());
    fs.writeFileSync(join(folder, "SETTINGS.md"), settingsPage());
}

/** Licences of the packages whose code is in the bundle. */
function notices(inputs) {
    const folders = inputs.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
    return [...new Set(folders.filter(Boolean))]
        .toSorted()
        .map((folder) => {
            const path = join(__dirname, folder);
            const { name, version, license } = JSON.parse(
                fs.readFileSync(join(path, "package.json"), "utf8"),
            );
            const file = fs.readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
            if (!file) throw new Error(`${name} has no licence file, so it must not be bundled`);
            return `${name} ${version} (${license})\n\n${fs.readFileSync(join(path, file), "utf8").trim()}\n`;
        })
        .join(`\n${"-".repeat(80)}\n\n`);
}

function readRecord() {
    try {
        return JSON.parse(fs.readFileSync(record, "utf8"));
    } catch {
        return undefined;
    }
}

/** Installed packages are known by their date and size, sources by what is in them. */
function hashOf(path) {
    const file = join(__dirname, path);
    try {
        if (path.includes("node_modules/")) {
            const { mtimeMs, size } = fs.statSync(file);
            return `${mtimeMs} ${size}`;
        }
        return createHash("sha1").update(fs.readFileSync(file)).digest("base64");
    } catch {
        return "";
    }
}

/** Moved into place: two runs at the same time cannot see half a file of each other. */
function write(name, contents) {
    const temporary = join(cache, `${name}.${process.pid}`);
    fs.writeFileSync(temporary, contents);
    fs.renameSync(temporary, join(cache, name));
}

function removeOldBundles(current) {
    const old = fs
        .readdirSync(cache)
        .filter((name) => /^pack-[0-9a-f]+\.cjs$/.test(name) && name !== current)
        .map((name) => ({ name, time: fs.statSync(join(cache, name)).mtimeMs }))
        .toSorted((a, b) => b.time - a.time)
        .slice(keptBundles);
    for (const { name } of old) {
        fs.rmSync(join(cache, name), { force: true });
        fs.rmSync(join(cache, `${name}.map`), { force: true });
    }
}

module.exports = { currentBundle };
if (require.main === module) writePackage();
