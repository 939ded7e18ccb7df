// Makes a fresh clone ready: `npm start` and `npm test` run this first, so neither needs a set-up step of its own.
// Installs from the lockfile when what is installed differs from it, and says nothing when there is nothing to do.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));

/** Oldest Node that runs the installation itself; the program then runs under the pinned `node` package. */
const oldestNode = [20, 19];

function readJson(path) {
    try {
        return JSON.parse(readFileSync(join(root, path), "utf8"));
    } catch {
        return undefined;
    }
}

/** Names of packages that the lockfile demands and node_modules lacks or has in another version. */
function outdated(wanted, installed) {
    const present = installed?.packages ?? {};
    return Object.entries(wanted.packages)
        .filter(([path, entry]) => path !== "" && !entry.optional && !entry.devOptional)
        .filter(([path, entry]) => present[path]?.version !== entry.version)
        .map(([path]) => path.replace(/^node_modules\//, ""));
}

function fail(message) {
    console.error(`setup: ${message}`);
    process.exit(2);
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    fail(
        `Node ${process.versions.node} is too old; install Node ${oldestNode.join(".")} or later and run the command again.`,
    );
}

const lockfile = readJson("package-lock.json");
if (!lockfile) {
    fail("package-lock.json is missing or not JSON; restore it with `git checkout package-lock.json`.");
}
const missing = outdated(lockfile, readJson("node_modules/.package-lock.json"));
if (missing.length > 0) {
    console.error(
        `setup: installing ${Object.keys(lockfile.packages).length - 1} packages from package-lock.json (once, about a minute) …`,
    );
    const npm = process.env.npm_execpath;
    const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    const run = npm
        ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ["ignore", "ignore", "inherit"] })
        : spawnSync("npm", args, {
              cwd: root,
              stdio: ["ignore", "ignore", "inherit"],
              shell: process.platform === "win32",
          });
    if (run.status !== 0) {
        fail(
            "`npm ci` did not succeed; its message is above. Check the network or the registry setting and run the command again.",
        );
    }
    const still = outdated(lockfile, readJson("node_modules/.package-lock.json"));
    if (still.length > 0) {
        fail(
            `installed, but these packages differ from package-lock.json: ${still.slice(0, 5).join(", ")}; run \`npm ci\`.`,
        );
    }
}
