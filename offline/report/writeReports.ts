/** Writes the reports of a run into a folder: all of them, or none half-written. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { architectureSvg } from "../diagram/architectureSvg";
import type { CapturedResource, RunResult, Value } from "../model";
import { htmlOf } from "./html";
import { junitOf } from "./junit";
import { markdownOf } from "./markdown";
import type { TypeReport } from "./policyReport";
import { policyReportOf } from "./policyReport";
import type { Redactor } from "./redaction";
import { redactorOf } from "./redaction";
import { ResourceIndex, byCodeUnit } from "./resourceIndex";
import { sarifOf } from "./sarif";
import { sourceOf } from "./sourceLocation";
import { simulationNotice, summaryOf } from "./summary";

export interface WriteOptions {
    /** An inconclusive finding counts as a failure. */
    strict?: boolean;
    /** Directory that source locations are relative to; default: the working directory. */
    projectDirectory?: string;
    /** Which rules look at which resource types. */
    types?: TypeReport;
}

/**
 * Makes a folder and what is missing above it, one level at a time: Node's own recursive mkdir never returns where a
 * file system answers "not found" to every mkdir (such as /proc).
 */
async function ensureFolder(folder: string): Promise<void> {
    const missing: string[] = [];
    for (let each = folder; !existsSync(each); each = path.dirname(each)) {
        missing.unshift(each);
    }
    for (const each of missing) {
        await mkdir(each);
    }
}

/** JSON with object keys in code-unit order, so that two runs can be compared line by line. */
function sortedJson(value: unknown): string {
    const sort = (each: unknown): unknown => {
        if (Array.isArray(each)) {
            return each.map(sort);
        }
        if (each === null || typeof each !== "object") {
            return each;
        }
        const entries = Object.entries(each).sort(([a], [b]) => byCodeUnit(a, b));
        return Object.fromEntries(entries.map(([key, inner]) => [key, sort(inner)]));
    };
    return `${JSON.stringify(sort(value), null, 2)}\n`;
}

function written(
    resource: CapturedResource,
    redactor: Redactor,
    projectDirectory?: string,
): CapturedResource {
    const mask = (map: Record<string, Value>): Record<string, Value> =>
        redactor.value(map) as Record<string, Value>;
    const { source: _machinePath, ...rest } = resource;
    const source = sourceOf(resource, projectDirectory);
    return {
        ...rest,
        id: typeof resource.id === "string" ? redactor.text(resource.id) : resource.id,
        inputs: mask(resource.inputs),
        outputs: mask(resource.outputs),
        dependencies: [...resource.dependencies].sort(byCodeUnit),
        propertyDependencies: Object.fromEntries(
            Object.entries(resource.propertyDependencies).map(([name, urns]) => [
                name,
                [...urns].sort(byCodeUnit),
            ]),
        ),
        ...(source ? { source } : {}),
    };
}

/** The captured stack as JSON: sorted by URN, secrets replaced, source positions relative to the project. */
export function resourcesJson(result: RunResult, options: WriteOptions = {}): string {
    const redactor = redactorOf(result);
    return sortedJson({
        version: 1,
        notice: simulationNotice,
        project: result.project,
        stack: result.stack,
        mode: result.mode,
        resources: new ResourceIndex(result.resources).resources.map((resource) =>
            written(resource, redactor, options.projectDirectory),
        ),
        stackOutputs: redactor.value(result.stackOutputs),
    });
}

/** Every report of a run by file name, as text. */
export function reportFiles(result: RunResult, options: WriteOptions = {}): Record<string, string> {
    const policies = policyReportOf(result, options);
    return {
        "resources.json": resourcesJson(result, options),
        "policies.json": `${JSON.stringify(policies, null, 2)}\n`,
        "policies.md": markdownOf(policies),
        "policies.html": htmlOf(policies),
        "policies.sarif": `${JSON.stringify(sarifOf(result, options), null, 2)}\n`,
        "policies.junit.xml": junitOf(result, options),
        "architecture.svg": architectureSvg(result),
        "summary.json": `${JSON.stringify(summaryOf(result, options), null, 2)}\n`,
    };
}

/**
 * Writes every report of `reportFiles` into `dir` (made when missing). All texts are made first, then written under temporary names, then renamed: a reader sees an old
 * file or a whole new one. Rejects with the file system's error; temporary files are removed then.
 * @returns the paths of the files, sorted
 */
export async function writeReports(
    result: RunResult,
    dir: string,
    options: WriteOptions = {},
): Promise<string[]> {
    const files = reportFiles(result, options);
    await ensureFolder(path.resolve(dir));
    const suffix = `${process.pid}-${randomBytes(4).toString("hex")}.part`;
    const moves = Object.keys(files).map((name) => ({
        name,
        temporary: path.join(dir, `.${name}.${suffix}`),
        final: path.join(dir, name),
    }));
    try {
        for (const { name, temporary } of moves) {
            await writeFile(temporary, files[name] ?? "", { flag: "wx" });
        }
        for (const { temporary, final } of moves) {
            await rename(temporary, final);
        }
    } finally {
        await Promise.all(moves.map(({ temporary }) => rm(temporary, { force: true })));
    }
    return moves.map(({ final }) => final).sort(byCodeUnit);
}
