/**
 * The `gate` command in figures: start, judging of a report with 10,000 findings, memory and time of a 200 MB report.
 * Ratios compare with what cannot be avoided, measured in turn in the same run: `node -e 0`, and one JSON.parse.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleGate } from "../../gate/bundle";
import { grypeReport } from "../../gate/grype/grypeReport";
import { largeGrypeReport, sampleDigest, sampleImage } from "../../gate/grype/testing/grypeDocument";
import { gatePolicySchema } from "../../gate/policy/gatePolicy";
import {
    hostileDocuments,
    ofSize,
    withEntries,
    type LargeDocument,
} from "../../gate/report/testing/largeReport";
import { judge } from "../../gate/verdict/verdict";
import { milliseconds, range } from "./figures";

const megabyte = 1024 * 1024;
const findings = 10_000;
const largeBytes = 200 * megabyte;
/**
 * Has a process say its peak memory in KiB when it ends. Linux hands `maxRSS` on from the parent, so the process's own
 * high-water mark is read where there is one.
 */
const memoryHook = `process.on("exit", () => {
    let peak = process.resourceUsage().maxRSS;
    try { peak = /VmHWM:\\s+(\\d+)/.exec(require("fs").readFileSync("/proc/self/status", "utf8"))[1]; } catch {}
    process.stderr.write("peak=" + peak + "\\n");
});
`;

function start(gate: string): void {
    const bare: number[] = [];
    const whole: number[] = [];
    for (let run = 0; run < 21; run++) {
        bare.push(milliseconds(() => spawnSync(process.execPath, ["-e", "0"])));
        whole.push(milliseconds(() => spawnSync(process.execPath, [gate, "--version"])));
    }
    console.log("\nStart of the gate, 21 pairs, milliseconds\n");
    console.log("| what | median | smallest | largest |\n| --- | --- | --- | --- |");
    console.log(`| node -e 0 | ${range(bare)} |`);
    console.log(`| gate --version | ${range(whole)} |`);
    console.log(`| difference | ${range(whole.map((value, at) => value - (bare[at] ?? Number.NaN)))} |`);
}

/** Normalizes and judges one report; the first run in the process is the cold one, as in a build step. */
function judging(now: Date): void {
    const pieces = [...withEntries(largeGrypeReport(now), findings)()];
    const whole = Buffer.concat(pieces);
    const policy = gatePolicySchema.parse({ version: 1 });
    const both = (): void => {
        const report = grypeReport(pieces, { image: sampleImage, digest: sampleDigest, now });
        const { outcome } = judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now });
        if (outcome === "pass" || report.findings.length !== findings)
            throw new Error(`${report.findings.length} findings, ${outcome}`);
    };
    const cold = milliseconds(both);
    const parsed: number[] = [];
    const judged: number[] = [];
    for (let run = 0; run < 15; run++) {
        parsed.push(milliseconds(() => JSON.parse(whole.toString())));
        judged.push(milliseconds(both));
    }
    const size = (whole.length / megabyte).toFixed(1);
    console.log(
        `\nA grype report with ${findings} findings (${size} MiB) normalized and judged, milliseconds\n`,
    );
    console.log("| what | median | smallest | largest |\n| --- | --- | --- | --- |");
    console.log(`| JSON.parse alone | ${range(parsed)} |`);
    console.log(`| normalized and judged | ${range(judged)} |`);
    console.log(
        `| ratio | ${range(
            judged.map((value, at) => value / (parsed[at] ?? Number.NaN)),
            2,
        )} |`,
    );
    console.log(`| the first time in a process | ${cold.toFixed(0)} | | |`);
}

/** The whole command over a large report: peak memory of the process, time, exit code. Nothing may pass. */
function memory(folder: string, gate: string, now: Date): void {
    const policy = join(folder, "policy.yml");
    writeFileSync(policy, "version: 1\n");
    const hook = join(folder, "memory.cjs");
    writeFileSync(hook, memoryHook);
    const report = largeGrypeReport(now);
    const documents: Record<string, LargeDocument> = {
        "findings of genuine size": ofSize(report, largeBytes),
        ...hostileDocuments(report, largeBytes),
    };
    console.log("\n`gate scan --evidence FOLDER` over 200 MB reports\n");
    console.log("| report | peak memory, MB | seconds | exit code |\n| --- | --- | --- | --- |");
    for (const [name, document] of Object.entries(documents)) {
        const path = join(folder, "report.json");
        writeDocument(path, document);
        const evidence = join(folder, "evidence");
        const started = performance.now();
        const options = {
            scanner: "grype",
            image: sampleImage,
            policy,
            report: path,
            out: join(folder, "out"),
            evidence,
            application: "orders",
            execution: "bench",
        };
        const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
        const run = spawnSync(process.execPath, ["--require", hook, gate, "scan", ...args], {
            encoding: "utf8",
            maxBuffer: 64 * megabyte,
        });
        const seconds = (performance.now() - started) / 1000;
        const peak = Number(/peak=(\d+)/.exec(run.stderr)?.[1]) / 1024;
        if (run.status === 0) throw new Error(`a report of ${name} passed`);
        console.log(`| ${name} | ${peak.toFixed(0)} | ${seconds.toFixed(1)} | ${run.status} |`);
        rmSync(evidence, { recursive: true, force: true });
    }
}

function writeDocument(path: string, document: LargeDocument): void {
    const file = openSync(path, "w");
    for (const piece of document()) writeSync(file, piece);
    closeSync(file);
}

/** Prints all tables. */
export function benchGate(): void {
    const folder = mkdtempSync(join(tmpdir(), "portcullis-bench-"));
    try {
        const gate = join(folder, "gate.cjs");
        writeFileSync(gate, bundleGate().code);
        start(gate);
        const now = new Date();
        judging(now);
        memory(folder, gate, now);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
