// Entry of the policy pack (package.json "main"), for the Pulumi CLI and for `npm start` alike.
//
// The policy runner of the Pulumi SDK type-checks every TypeScript file that it loads, which takes seconds and most of
// a gigabyte. So what is loaded here is always one file of plain JavaScript: the one in the package, or in the
// repository one that bundle.js makes of the sources whenever they have changed.
"use strict";
const Module = require("node:module");
const { setTimeout } = require("node:timers");
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const inPackage = join(__dirname, "dist", "pack.cjs");
const inRepository = existsSync(join(__dirname, "index.ts"));

keepCompiledCode();
loadWhenNeeded("@npmcli/arborist");
module.exports = require(inRepository ? require("./bundle.js").currentBundle() : inPackage);

/** Node 22 and later keep compiled code between runs; where the folder cannot be written nothing is kept. */
function keepCompiledCode() {
    if (!Module.enableCompileCache) return;
    Module.enableCompileCache(join(__dirname, ".cache", "compiled"));
    // The engine kills the process in the end, so nothing would be written on exit.
    setTimeout(() => Module.flushCompileCache?.(), 1000).unref();
}

/**
 * A third of the start of the pack is a package that `@pulumi/pulumi` loads for serialized functions, which policies
 * have none of. It comes when somebody asks for anything of it; where the SDK does not use it, nothing happens.
 */
function loadWhenNeeded(name) {
    try {
        const sdk = Module.createRequire(require.resolve("@pulumi/pulumi/package.json"));
        const file = sdk.resolve(name);
        if (require.cache[file]) return;
        const placeholder = new Module(file);
        placeholder.loaded = true;
        placeholder.exports = new Proxy(
            {},
            {
                get(_target, property) {
                    if (property === "__esModule") return true;
                    if (require.cache[file] === placeholder) delete require.cache[file];
                    return sdk(name)[property];
                },
            },
        );
        require.cache[file] = placeholder;
    } catch {
        // Not installed: the SDK would not find it either, and says so itself.
    }
}
