import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleGate } from "../../bundle";
import { sampleGrypeDocument, sampleImage, type SampleMatch } from "../../grype/testing/grypeDocument";

/** How a run of the gate ended, and what it said. */
export interface Ending {
    code: number | null;
    out: string;
    err: string;
}

/** The gate in a folder of its own that also holds `policy.yml`, a policy with nothing but defaults. */
export interface BundledGate {
    /** A path in the folder. */
    at(...path: string[]): string;
    run(args: string[], environment?: Record<string, string>): Promise<Ending>;
    /** Judges a grype report with policy.yml, to the folder `out`. */
    scanGrype(report: string, ...more: string[]): Promise<Ending>;
    /** Writes a file and gives its path. */
    file(name: string, content: string): Promise<string>;
    /** Writes a grype document of now, and gives its path. */
    grypeFile(name: string, matches: SampleMatch[], change?: (text: string) => string): Promise<string>;
    readJson<T>(...path: string[]): Promise<T>;
}

/**
 * The bundled gate as a build step has it: one file, run in a process of its own with only the variables given.
 * For use inside `describe`: makes its folder before the tests and removes it after them.
 */
export function useBundledGate(): BundledGate {
    let folder = "";
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "gate-"));
        await writeFile(join(folder, "gate.cjs"), bundleGate().code);
        await writeFile(join(folder, "policy.yml"), "version: 1\n");
    });
    after(async () => {
        // Where the specs are skipped, there is none.
        if (folder !== "") await rm(folder, { recursive: true });
    });
    const gate: BundledGate = {
        at: (...path) => join(folder, ...path),
        run: (args, environment = {}) =>
            new Promise((resolve, reject) => {
                const child = spawn(process.execPath, [gate.at("gate.cjs"), ...args], {
                    cwd: folder,
                    env: { PATH: process.env["PATH"], AWS_EC2_METADATA_DISABLED: "true", ...environment },
                });
                const ending: Ending = { code: null, out: "", err: "" };
                child.stdout.on("data", (chunk) => (ending.out += chunk));
                child.stderr.on("data", (chunk) => (ending.err += chunk));
                child.on("error", reject);
                child.on("close", (code) => resolve({ ...ending, code }));
            }),
        scanGrype: (report, ...more) => {
            const common = [
                "--image",
                sampleImage,
                "--policy",
                gate.at("policy.yml"),
                "--out",
                gate.at("out"),
            ];
            return gate.run(["scan", "--scanner", "grype", "--report", report, ...common, ...more]);
        },
        file: async (name, content) => {
            await writeFile(gate.at(name), content);
            return gate.at(name);
        },
        grypeFile: (name, matches, change) => {
            const text = JSON.stringify(sampleGrypeDocument(matches, new Date()));
            return gate.file(name, change?.(text) ?? text);
        },
        readJson: async (...path) => JSON.parse(await readFile(gate.at(...path), "utf8")),
    };
    return gate;
}
