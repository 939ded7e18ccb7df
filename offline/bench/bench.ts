/**
 * `npm run bench`: how long the offline preview takes, as ratios measured side by side in one run. Nothing here is a
 * test; figures belong in docs/performance.md together with the command.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TypingsReader } from "../behaviour/typings";
import { DeploymentEngine } from "../engine/engine";
import type { EngineResource } from "../engine/registration";
import { startServer } from "../engine/server";
import { PolicyClient } from "../policyClient";
import { startProgram } from "../program";
import { benchApproval } from "./approvalBench";
import { median } from "./figures";
import { benchGate } from "./gateBench";
import { readProject, readStackConfiguration } from "../project";
import type { StackConfiguration } from "../project";

const root = resolve(__dirname, "..", "..");
const cacheDirectory = join(root, ".cache");
const counted = 5;

function seconds(milliseconds: number): string {
    return `${(milliseconds / 1000).toFixed(2)} s`;
}

function configurationFor(applications: number | undefined): StackConfiguration {
    const names = Array.from({ length: applications ?? 0 }, (_, index) => ({
        name: `app-${index + 1}`,
        source: { type: "codecommit" },
    }));
    return readStackConfiguration(
        readProject(root),
        "dev",
        applications === undefined ? undefined : { applications: names },
    );
}

/** The bare program: the SDK's own entry point against the engine, no policies, no reports. */
async function bareRun(
    configuration: StackConfiguration,
): Promise<{ resources: EngineResource[]; milliseconds: number }> {
    const project = readProject(root);
    const engine = new DeploymentEngine({
        project: project.name,
        stack: configuration.stack,
        mode: "preview",
        config: configuration.config,
        secretConfigKeys: configuration.secretKeys,
        typings: new TypingsReader(project.programDirectory),
        onResource: () => undefined,
    });
    const server = await startServer(engine, project.directory);
    try {
        const started = performance.now();
        const exitCode = await startProgram({
            project,
            configuration,
            mode: "preview",
            engineAddress: server.address,
            cacheDirectory,
            onLine: () => undefined,
        }).exited;
        const milliseconds = performance.now() - started;
        if (exitCode !== 0 || engine.failures.length > 0) {
            throw new Error(
                `the program did not run: ${engine.failures.join("; ") || `exit code ${exitCode}`}`,
            );
        }
        return { resources: [...engine.resources.values()], milliseconds };
    } finally {
        server.close();
    }
}

/** The whole command as a user starts it; milliseconds of wall time. */
function wholeCommand(out: string): number {
    const started = performance.now();
    const run = spawnSync(process.execPath, [join(root, "offline", "start.mjs"), "--out", out], {
        cwd: root,
        stdio: "ignore",
    });
    if (run.status !== 0) {
        throw new Error(`npm start ended with exit code ${run.status}`);
    }
    return performance.now() - started;
}

/** Processor time that a process has used so far, in milliseconds; NaN where there is no /proc (100 ticks a second). */
function processorTime(processId: number | undefined): number {
    try {
        const fields = readFileSync(`/proc/${processId}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        return (Number(fields[11]) + Number(fields[12])) * 10;
    } catch {
        return Number.NaN;
    }
}

/** The pack alone: every resource and the stack once, after its start. Wall time, and its process's processor time. */
async function policyTime(
    resources: EngineResource[],
    configuration: StackConfiguration,
): Promise<{ wall: number; processor: number }> {
    const client = PolicyClient.start({
        directory: join(root, "policies"),
        project: readProject(root),
        configuration,
        mode: "preview",
        engineAddress: "127.0.0.1:1",
        cacheDirectory,
    });
    try {
        while (client.bootMilliseconds === 0) {
            await new Promise((done) => setTimeout(done, 20));
        }
        const [started, used] = [performance.now(), processorTime(client.processId)];
        resources.forEach((resource) => client.analyze(resource));
        await client.finish(resources);
        return { wall: performance.now() - started, processor: processorTime(client.processId) - used };
    } finally {
        client.close();
    }
}

async function compareWithBareProgram(): Promise<void> {
    const out = mkdtempSync(join(tmpdir(), "portcullis-bench-"));
    try {
        const configuration = configurationFor(undefined);
        wholeCommand(out);
        await bareRun(configuration);
        const ratios: number[] = [];
        const bare: number[] = [];
        const whole: number[] = [];
        for (let run = 0; run < counted; run++) {
            const [a, b] = [(await bareRun(configuration)).milliseconds, wholeCommand(out)];
            bare.push(a);
            whole.push(b);
            ratios.push(b / a);
        }
        console.log(`\nnpm start (dev) against the bare program, ${counted} pairs after one warm-up\n`);
        console.log("| what | median | smallest | largest |");
        console.log("| --- | --- | --- | --- |");
        for (const [what, values] of [
            ["bare program", bare],
            ["npm start", whole],
        ] as const) {
            console.log(
                `| ${what} | ${seconds(median(values))} | ${seconds(Math.min(...values))} | ${seconds(Math.max(...values))} |`,
            );
        }
        console.log(
            `| ratio | ${median(ratios).toFixed(2)} | ${Math.min(...ratios).toFixed(2)} | ${Math.max(...ratios).toFixed(2)} |`,
        );
    } finally {
        rmSync(out, { recursive: true, force: true });
    }
}

async function growth(): Promise<void> {
    console.log("\nGrowth with the number of applications, medians of 3\n");
    console.log(
        "| applications | resources | program | program per resource | policies, round trip | per resource | processor time of the pack per resource |",
    );
    console.log("| --- | --- | --- | --- | --- | --- | --- |");
    for (const applications of [1, 5, 9, 20]) {
        const configuration = configurationFor(applications);
        const programs: number[] = [];
        const policies: number[] = [];
        const processor: number[] = [];
        let count = 0;
        for (let run = 0; run < 3; run++) {
            const { resources, milliseconds } = await bareRun(configuration);
            count = resources.length;
            programs.push(milliseconds);
            const times = await policyTime(resources, configuration);
            policies.push(times.wall);
            processor.push(times.processor);
        }
        const [program, policy] = [median(programs), median(policies)];
        console.log(
            `| ${applications} | ${count} | ${seconds(program)} | ${(program / count).toFixed(1)} ms | ${seconds(policy)} | ${(policy / count).toFixed(2)} ms | ${(median(processor) / count).toFixed(2)} ms |`,
        );
    }
}

async function main(): Promise<void> {
    console.log(`Node ${process.versions.node}, ${availableParallelism()} processors`);
    benchGate();
    await benchApproval();
    await compareWithBareProgram();
    await growth();
}

main().catch((error: unknown) => {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
});
