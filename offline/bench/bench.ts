/**
 * `npm run bench`: how long the offline preview takes, as ratios measured side by side in one run. Nothing here is a
 * test; figures belong in docs/performance.md together with the command.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { EngineResource } from "../engine/registration";
import { PolicyClient } from "../policyClient";
import { readProject, type StackConfiguration } from "../project";
import { benchApproval } from "./approvalBench";
import { capturedRun, configurationFor } from "./capturedRun";
import { median } from "./figures";
import { benchGate } from "./gateBench";
import { benchPolicies } from "./policyBench";
import { processorTime } from "./processorTime";

const root = resolve(__dirname, "..", "..");
const cacheDirectory = join(root, ".cache");
const counted = 5;

function seconds(milliseconds: number): string {
    return `${(milliseconds / 1000).toFixed(2)} s`;
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
        await capturedRun(configuration);
        const ratios: number[] = [];
        const bare: number[] = [];
        const whole: number[] = [];
        for (let run = 0; run < counted; run++) {
            const [a, b] = [(await capturedRun(configuration)).milliseconds, wholeCommand(out)];
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
            const { resources, milliseconds } = await capturedRun(configuration);
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
    await benchPolicies();
    await compareWithBareProgram();
    await growth();
}

main().catch((error: unknown) => {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
});
