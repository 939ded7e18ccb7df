// `npm run gate -- …`: bundles the gate as the build steps get it, and runs it.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
require("ts-node").register({ transpileOnly: true, cwd: dirname(fileURLToPath(import.meta.url)) });
const { bundleGate } = require("./bundle.ts");

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", ".cache", "gate");
const file = join(folder, "gate.cjs");
mkdirSync(folder, { recursive: true });
writeFileSync(file, bundleGate().code);
const { status } = spawnSync(process.execPath, [file, ...process.argv.slice(2)], { stdio: "inherit" });
// No status: killed by a signal. That is no pass.
process.exit(status ?? 2);
