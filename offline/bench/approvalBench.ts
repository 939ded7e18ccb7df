/**
 * The approval functions in figures: sizes of the bundles, cold import, decisions a second against the in-process table,
 * what a decision costs. Everything is measured on the archives that would be uploaded.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction, functionNames } from "../../lambdas/bundle";
import { ApprovalCloud } from "../../lambdas/testing/approvalCloud";
import { captureStack } from "../../lambdas/testing/capturedStack";
import { Release } from "../../lambdas/testing/release";
import { costOfDecisions, usageOfDecision } from "../cost/decisions";
import { median, milliseconds, range } from "./figures";

const pairs = 21;
const decisions = 100;
/** Decisions before those that count: processes start, code gets compiled. */
const warmUp = 10;

function sizes(): void {
    console.log("\nBundles of the approval functions, minified, without source map\n");
    console.log("| function | bytes | KB |\n| --- | --- | --- |");
    for (const name of functionNames) {
        const { code } = bundleFunction(name);
        console.log(`| ${name} | ${code.length} | ${(code.length / 1024).toFixed(0)} |`);
    }
}

/** Starting Node and loading one function's code, against starting Node alone. */
function coldImport(): void {
    const folder = mkdtempSync(join(tmpdir(), "portcullis-bench-"));
    try {
        console.log(`\nCold import, ${pairs} pairs in turn, milliseconds\n`);
        console.log("| what | median | smallest | largest |\n| --- | --- | --- | --- |");
        for (const name of functionNames) {
            const file = join(folder, `${name}.cjs`);
            writeFileSync(file, bundleFunction(name).code);
            const bare: number[] = [];
            const whole: number[] = [];
            for (let run = 0; run < pairs; run++) {
                bare.push(milliseconds(() => runNode(["-e", "0"])));
                whole.push(milliseconds(() => runNode(["-e", `require(${JSON.stringify(file)})`])));
            }
            console.log(`| node -e 0 | ${range(bare)} |`);
            console.log(`| ${name} | ${range(whole)} |`);
            console.log(
                `| ${name}, difference | ${range(whole.map((value, at) => value - (bare[at] ?? Number.NaN)))} |`,
            );
        }
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function runNode(args: string[]): void {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`node ${args[0]} ended with ${status}: ${stderr}`);
}

/**
 * One after the other: message → recorder → table → stream → decider → answer. What cannot be avoided, measured in turn:
 * as many bare requests to a server on a loopback port, one after the other.
 */
async function throughput(): Promise<void> {
    const cloud = await ApprovalCloud.start(await captureStack());
    // Judging every call by the captured roles is the specs' work, and would be most of the time here.
    cloud.journal.authorize = async () => true;
    const loopback = await bareServer();
    try {
        const bareRequests: number[] = [];
        const decided: number[] = [];
        for (let run = 0; run < warmUp + decisions; run++) {
            const release = await Release.ready(cloud);
            const callsBefore = cloud.journal.calls.length;
            const whole = await timed(async () => {
                await release.announce();
                await cloud.delivery.drainStream();
            });
            const [answer] = release.answers();
            if (answer?.status !== "Approved") throw new Error(`run ${run} was not approved`);
            const count = cloud.journal.calls.length - callsBefore;
            const bare = await timed(async () => {
                for (let call = 0; call < count; call++) await fetch(loopback.address);
            });
            if (run < warmUp) continue;
            bareRequests.push(bare);
            decided.push(whole);
        }
        console.log(
            `\nDecisions one after the other, in-process table, ${decisions} after ${warmUp}, milliseconds\n`,
        );
        console.log("| what | median | smallest | largest |\n| --- | --- | --- | --- |");
        console.log(`| as many bare requests | ${range(bareRequests, 1)} |`);
        console.log(`| message to answer | ${range(decided, 1)} |`);
        console.log(
            `| ratio | ${range(
                decided.map((value, at) => value / (bareRequests[at] ?? Number.NaN)),
                1,
            )} |`,
        );
        console.log(`| decisions a second | ${(1000 / median(decided)).toFixed(1)} | | |`);
        await cost(cloud);
    } finally {
        await loopback.stop();
        await cloud.stop();
    }
}

/** Milliseconds that a call to AWS within a region is taken to last; Lambda bills the waiting. */
const assumedCallMilliseconds = 20;

/**
 * What a thousand decisions cost, from the price table and the calls of one decision of the usual kind: the request is
 * recorded before the scan has ended, so the decider runs twice.
 */
async function cost(cloud: ApprovalCloud): Promise<void> {
    await cloud.reset();
    const release = await Release.ready(cloud);
    release.unscanned();
    await release.announce();
    await cloud.delivery.drainStream();
    release.scanned();
    await cloud.delivery.sendEvent(release.scanEvent());
    await cloud.delivery.drainStream();
    if (release.answers()[0]?.status !== "Approved") throw new Error("the priced release was not approved");

    const runs = cloud.runner.finished;
    const calls = runs.flatMap((run) => run.calls);
    const items = await cloud.table.items();
    const bytes = Math.max(...items.map((item) => Buffer.byteLength(JSON.stringify(item))));
    const usage = usageOfDecision({
        runs: runs.map((run) => ({
            memoryMegabytes: cloud.runner.get(run.function).memoryMegabytes,
            milliseconds: run.calls.length * assumedCallMilliseconds,
            logBytes: Buffer.byteLength(run.invocation.log.join("\n")),
        })),
        calls: calls.map(({ service, operation }) => ({ service, operation, bytes })),
        indexes: 1,
    });
    const counts = new Map<string, number>();
    for (const { service, operation } of calls) {
        const name = `${service} ${operation}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    console.log(
        "\nCalls of one decision:",
        [...counts].map(([name, count]) => `${count} ${name}`).join(", "),
    );
    const { lines, totalUsd } = costOfDecisions(1_000, usage);
    console.log(
        `\nA thousand decisions at list price, ${assumedCallMilliseconds} ms a call, items of ${bytes} bytes\n`,
    );
    console.log("| item | arithmetic | $ |\n| --- | --- | --- |");
    for (const { item, arithmetic, amountUsd } of lines)
        console.log(`| ${item} | ${arithmetic} | ${amountUsd.toFixed(4)} |`);
    console.log(`| **a thousand decisions** | | **${totalUsd.toFixed(2)}** |`);
}

async function bareServer(): Promise<{ address: string; stop: () => Promise<void> }> {
    const server = createServer((_, response) => response.end("{}"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    return {
        address: `http://127.0.0.1:${port}/`,
        stop: () =>
            new Promise((stopped) => {
                server.close(() => stopped());
                server.closeAllConnections();
            }),
    };
}

async function timed(work: () => Promise<void>): Promise<number> {
    const started = performance.now();
    await work();
    return performance.now() - started;
}

export async function benchApproval(): Promise<void> {
    sizes();
    coldImport();
    await throughput();
}
