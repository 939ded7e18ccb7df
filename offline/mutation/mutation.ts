/**
 * `npm run mutation -- ecr iam 'policies/rules/s3/bucket*.ts'`: breaks the rules in small ways, one mutant at a time,
 * and counts those that no example and no spec beside the code notices. Stryker is no dependency of this project: it
 * is installed into .cache/mutation when it is asked for. The last line of each run is a row for docs/mutation.md.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rules } from "../../policies/registry";
import { row, type MutationReport } from "./score";

const root = resolve(__dirname, "..", "..");
const folder = join(root, ".cache", "mutation");
/** The runner demands this very core; later cores have no runner yet. */
const packages = { "@stryker-mutator/core": "10.0.0", "@stryker-mutator/mocha-runner": "10.0.0" };
const mochaFiles = join(__dirname, "mochaFiles.cjs");
const notRules = [".spec.ts", ".examples.ts"];

interface Target {
    name: string;
    files: string[];
    specs: string[];
    families: string[];
}

function fail(message: string): never {
    console.error(`mutation: ${message}`);
    process.exit(2);
}

/** What a family or a glob stands for. Code outside the rules keeps parsed texts across tests, which would hide mutants. */
function targetOf(argument: string): Target {
    const family = existsSync(join(root, "policies", "rules", argument));
    const pattern = family ? `policies/rules/${argument}/**/*.ts` : argument;
    const found = globSync(pattern, { cwd: root }).map((file) => file.replaceAll("\\", "/"));
    const files = found.filter((file) => file.endsWith(".ts") && !notRules.some((end) => file.endsWith(end)));
    if (files.length === 0) {
        fail(`"${argument}" is neither a family of policies/rules nor a glob that matches files there.`);
    }
    const outside = files.find((file) => !file.startsWith("policies/rules/"));
    if (outside !== undefined) fail(`${outside} is not in policies/rules; only rules are mutated.`);
    const folders = [...new Set(files.map((file) => dirname(file)))].sort();
    return {
        name: family ? argument : argument.replace(/^policies\/rules\//, ""),
        files: files.sort(),
        specs: folders.flatMap((directory) => globSync(`${directory}/*.spec.ts`, { cwd: root })).sort(),
        families: [...new Set(folders.map((directory) => directory.split("/")[2] ?? ""))],
    };
}

function install(): void {
    mkdirSync(folder, { recursive: true });
    const manifest = JSON.stringify({ name: "mutation", private: true, dependencies: packages });
    const written = join(folder, "package.json");
    const complete = Object.entries(packages).every(([name, version]) => {
        const installed = join(folder, "node_modules", name, "package.json");
        return existsSync(installed) && readFileSync(installed, "utf8").includes(`"version": "${version}"`);
    });
    if (complete) return;
    writeFileSync(written, manifest);
    console.error("mutation: installing Stryker into .cache/mutation (once, 64 MB) …");
    // Peers are not installed: mocha and TypeScript are those of this project.
    const args = [
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--legacy-peer-deps",
        "--loglevel=error",
    ];
    const { status } = spawnSync("npm", args, {
        cwd: folder,
        stdio: ["ignore", "ignore", "inherit"],
        timeout: 300_000,
        shell: process.platform === "win32",
    });
    if (status !== 0) {
        fail(
            "Stryker could not be installed: the registry cannot be reached or refused. Nothing was tested.",
        );
    }
}

function run({ name, files, specs, families }: Target): void {
    const place = join(folder, "reports", name.replace(/[^a-zA-Z0-9]+/g, "-"));
    const reportFile = join(place, "mutation.json");
    mkdirSync(place, { recursive: true });
    const options = {
        mutate: files,
        testRunner: "mocha",
        mochaOptions: {
            spec: ["offline/mutation/ruleExamples.ts", "policies/harness/remediation.spec.ts", ...specs],
        },
        plugins: ["@stryker-mutator/*", join(__dirname, "texts.mjs")],
        ignorers: ["texts"],
        // Most are words of sentences, and names of properties that the types check already.
        mutator: { excludedMutations: ["StringLiteral"] },
        coverageAnalysis: "perTest",
        // What runs once at load time is data: metadata, examples, tables. Each would cost a process of its own.
        ignoreStatic: true,
        concurrency: 1,
        timeoutMS: 20_000,
        disableTypeChecks: false,
        ignorePatterns: [".cache", "portcullis-report", "coverage", "docs", "examples"],
        tempDirName: ".cache/mutation/sandbox",
        cleanTempDir: "always",
        reporters: ["clear-text", "json", "html"],
        allowConsoleColors: false,
        clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: true },
        jsonReporter: { fileName: reportFile },
        htmlReporter: { fileName: join(place, "mutation.html") },
        allowEmpty: false,
        thresholds: { high: 90, low: 80, break: null },
    };
    const configuration = join(place, "stryker.json");
    writeFileSync(configuration, JSON.stringify(options, undefined, 4));
    const started = Date.now();
    const stryker = join(folder, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
    const { status } = spawnSync(process.execPath, [stryker, "run", configuration], {
        cwd: root,
        stdio: "inherit",
        env: {
            ...process.env,
            MUTATION_FAMILIES: families.join(","),
            NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --require ${JSON.stringify(mochaFiles)}`,
        },
    });
    if (status !== 0) fail(`Stryker ended with ${status ?? "a signal"} on ${name}; its message is above.`);
    const report = JSON.parse(readFileSync(reportFile, "utf8")) as MutationReport;
    console.log(row(name, report, (Date.now() - started) / 1_000));
}

const known = new Set(rules.map(({ metadata }) => metadata.family));
const wanted = process.argv.slice(2);
if (wanted.length === 0) {
    fail(`name families (${[...known].join(", ")}) or globs of files in policies/rules.`);
}
const targets = wanted.map(targetOf);
install();
for (const target of targets) run(target);
