/**
 * The policy pack in figures: its start, and its time per resource, beside what cannot be avoided (Node alone, a pack
 * of one rule that does nothing) and beside AWSGuard's 28 rules, on the same resources in the same run. Each pack runs
 * as its own process, as under the Pulumi CLI. Alone: `node -r ts-node/register/transpile-only offline/bench/policyBench.ts`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ResourceDescription } from "../../policies/harness/reader";
import { PackServer } from "../../policies/harness/testing/packServer";
import type { EngineResource } from "../engine/registration";
import { analyzeRequest } from "../policyRequests";
import { capturedRun, configurationFor } from "./capturedRun";
import { median, milliseconds } from "./figures";
import { processorTime } from "./processorTime";

const root = resolve(__dirname, "..", "..");
const folder = join(root, ".cache", "policy-bench");
const starts = 5;
const sizes = [500, 1_000, 5_000];
/** Requests in flight at a time, as the engine has them with its default of parallel resources on two processors. */
const atOnce = 16;
/** Requests before those that count: the code gets compiled. */
const warmUp = 200;

interface Pack {
    name: string;
    directory: string;
}

/** What the packs are asked about: inputs one by one, and the state of all at the end. */
interface Questions {
    resources: ResourceDescription[];
    stack: ResourceDescription[];
}

/** A pack of one rule that does nothing: the SDK, its runner and gRPC. */
function smallestPack(): Pack {
    const directory = packFolder(
        "smallest",
        `const { PolicyPack } = require("@pulumi/policy");
new PolicyPack("smallest", {
    policies: [{ name: "one", description: "Nothing.", enforcementLevel: "advisory", validateResource() {} }],
});
`,
        {},
    );
    rmSync(join(directory, "node_modules"), { force: true });
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"), "dir");
    return { name: "a rule that does nothing", directory };
}

/** AWSGuard from the registry, kept in .cache; nothing where the registry cannot be reached. */
function awsGuard(): Pack | undefined {
    const directory = packFolder(
        "awsguard",
        `const { AwsGuard } = require("@pulumi/awsguard");
new AwsGuard({ all: "advisory" });
`,
        { "@pulumi/awsguard": "0.3.1" },
    );
    if (!existsSync(join(directory, "node_modules", "@pulumi", "awsguard"))) {
        const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
        const { status } = spawnSync("npm", install, { cwd: directory, stdio: "ignore", timeout: 300_000 });
        if (status !== 0) {
            rmSync(directory, { recursive: true, force: true });
            return undefined;
        }
    }
    return { name: "AWSGuard 0.3.1", directory };
}

function packFolder(name: string, code: string, dependencies: Record<string, string>): string {
    const directory = join(folder, name);
    mkdirSync(directory, { recursive: true });
    const manifest = { name, version: "0.0.0", private: true, main: "index.js", dependencies };
    writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(directory, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(join(directory, "index.js"), code);
    return directory;
}

async function startTimes(packs: readonly Pack[]): Promise<void> {
    const walls = new Map<string, number[]>();
    const processors = new Map<string, number[]>();
    const note = (times: Map<string, number[]>, name: string, value: number) =>
        times.set(name, [...(times.get(name) ?? []), value]);
    for (let run = 0; run <= starts; run++) {
        const node = milliseconds(() => spawnSync(process.execPath, ["-e", "0"]));
        // The first start of each is not counted: it fills the caches.
        if (run > 0) note(walls, "node -e 0", node);
        for (const pack of packs) {
            const started = performance.now();
            const server = await PackServer.start(pack.directory);
            const wall = performance.now() - started;
            if (run > 0) {
                note(walls, pack.name, wall);
                note(processors, pack.name, processorTime(server.processId));
            } else await new Promise((done) => setTimeout(done, 2_000));
            server.close();
        }
    }
    console.log(
        `\nStart of a policy pack until it listens, medians of ${starts}, in turn, after one warm-up\n`,
    );
    console.log("| what | wall, ms | smallest, ms | processor time, ms | against node -e 0 |");
    console.log("| --- | --- | --- | --- | --- |");
    const node = median(walls.get("node -e 0") ?? []);
    for (const [name, values] of walls) {
        const processor = median(processors.get(name) ?? []);
        console.log(
            `| ${name} | ${median(values).toFixed(0)} | ${Math.min(...values).toFixed(0)} | ${Number.isNaN(processor) ? "" : processor.toFixed(0)} | ${(median(values) / node).toFixed(1)} |`,
        );
    }
}

/** The program's own resources, as often as needed; every copy is a stack of its own, with its own names and URNs. */
async function questionsOf(size: number): Promise<Questions> {
    const { resources } = await capturedRun(configurationFor(undefined));
    const originals = JSON.stringify(resources.map(asDescription));
    const all: [ResourceDescription, ResourceDescription][] = [];
    for (let copy = 1; all.length < size; copy++) {
        const text = originals
            .replaceAll("portcullis-dev", `portcullis-dev${copy}`)
            .replaceAll("::portcullis::", `::portcullis${copy}::`);
        all.push(...(JSON.parse(text) as [ResourceDescription, ResourceDescription][]));
    }
    const wanted = all.slice(0, size);
    return { resources: wanted.map(([before]) => before), stack: wanted.map(([, after]) => after) };
}

function asDescription(resource: EngineResource): [ResourceDescription, ResourceDescription] {
    const { captured } = resource;
    const properties = (source: EngineResource) =>
        (analyzeRequest(source).getProperties()?.toJavaScript() ?? {}) as Record<string, unknown>;
    const { type, name, urn, parent, propertyDependencies } = captured;
    const common = { type, name, urn, parent, propertyDependencies };
    return [
        { ...common, properties: properties(resource) },
        { ...common, properties: properties({ ...resource, inputs: resource.state }) },
    ];
}

interface Measured {
    resources: number;
    stack: number;
    processor: number;
    failed: number;
}

/** Milliseconds per resource. */
async function measure(pack: Pack, { resources, stack }: Questions): Promise<Measured> {
    const server = await PackServer.start(pack.directory);
    let failed = 0;
    const askAll = async (questions: readonly ResourceDescription[]) => {
        const queue = questions.values();
        const worker = async () => {
            for (const question of queue)
                await server.analyze(question).catch(() => {
                    failed += 1;
                });
        };
        await Promise.all(Array.from({ length: atOnce }, worker));
    };
    try {
        await askAll(resources.slice(0, warmUp));
        failed = 0;
        const used = processorTime(server.processId);
        const started = performance.now();
        await askAll(resources);
        const asked = performance.now();
        await server.analyzeStack(stack);
        const ended = performance.now();
        const per = (time: number) => time / resources.length;
        return {
            resources: per(asked - started),
            stack: per(ended - asked),
            processor: per(processorTime(server.processId) - used),
            failed,
        };
    } finally {
        server.close();
    }
}

async function resourceTimes(packs: readonly Pack[]): Promise<void> {
    console.log(
        `\nTime per resource: every resource of this program once, ${atOnce} at a time, and the stack once\n`,
    );
    console.log(
        "| pack | resources | round trips, ms | stack, ms | both, ms | processor time of the pack, ms | above a rule that does nothing, ms |",
    );
    console.log("| --- | --- | --- | --- | --- | --- | --- |");
    for (const size of sizes) {
        const questions = await questionsOf(size);
        let smallest = Number.NaN;
        for (const pack of packs) {
            const { resources, stack, processor, failed } = await measure(pack, questions);
            smallest = Number.isNaN(smallest) ? processor : smallest;
            const cells = [resources, stack, resources + stack, processor, processor - smallest];
            const name = failed === 0 ? pack.name : `${pack.name} (${failed} requests failed)`;
            console.log(`| ${name} | ${size} | ${cells.map((cell) => cell.toFixed(2)).join(" | ")} |`);
        }
    }
}

/** Prints the tables. */
export async function benchPolicies(): Promise<void> {
    const own = { name: "this pack", directory: join(root, "policies") };
    const other = awsGuard();
    if (!other) console.log("\nAWSGuard is left out: it could not be installed from the package registry.");
    const packs = [smallestPack(), own, ...(other ? [other] : [])];
    await startTimes(packs);
    await resourceTimes(packs);
}

if (require.main === module) {
    benchPolicies().catch((error: unknown) => {
        console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 2;
    });
}
