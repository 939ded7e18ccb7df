import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArtefactAddress, textOf } from "./artefactAddress";
import { ToolError } from "./toolError";
import { mirrored, readToolManifest, type Tool } from "./toolManifest";
import type { TransferOptions } from "./transfer";
import { sumOf, sumOfAddress, type Sum } from "./verifiedDownload";

/** What became of one artefact. */
export interface Verification {
    /** Null for a file that is no artefact of the manifest. */
    tool: string | null;
    version: string | null;
    /** File or address that was looked at. */
    place: string;
    /** `good`; `refused`: it is something else; `unavailable`: it could not be looked at. */
    result: "good" | ToolError["kind"];
    /** One line; for what is not good: what is wrong and what to do. */
    message: string;
}

/**
 * Fetches the artefact of a tool, from the project or from a mirror, and compares its sum; nothing is kept.
 * Never throws.
 * @param mirror `s3://bucket/prefix`; null: where the project publishes it.
 */
export async function verifyPublished(
    tool: Tool,
    mirror: string | null,
    options: TransferOptions,
): Promise<Verification> {
    const url = mirror === null ? tool.url : mirrored(tool, mirror);
    const common = { tool: tool.name, version: tool.version, place: url };
    try {
        const address = parseArtefactAddress(url);
        return { ...common, place: textOf(address), ...compare(tool, await sumOfAddress(address, options)) };
    } catch (error) {
        const kind = error instanceof ToolError ? error.kind : "unavailable";
        return { ...common, result: kind, message: (error as Error).message };
    }
}

/**
 * Compares a file with the artefact of its name in the manifest. Programs that were taken out of an archive cannot
 * be verified this way: nobody publishes their sums. Never throws.
 */
export async function verifyFile(
    path: string,
    tools: Iterable<Tool> = readToolManifest().values(),
): Promise<Verification> {
    const tool = [...tools].find(({ file }) => file === basename(path));
    const common = { tool: tool?.name ?? null, version: tool?.version ?? null, place: path };
    try {
        // A pipe or a device has no end; what is behind it is no artefact.
        if (!(await stat(path)).isFile()) throw new Error("not a regular file");
        if (tool === undefined) {
            const message = `no artefact of the tool manifest has the name ${basename(path)}; remove the file`;
            return { ...common, result: "refused", message };
        }
        return { ...common, ...compare(tool, await sumOf(createReadStream(path))) };
    } catch (error) {
        return { ...common, result: "unavailable", message: `cannot be read (${(error as Error).message})` };
    }
}

/** The result of several: refused when one is, good only when there is one and all are. */
export function worstOf(results: readonly Verification[]): Verification["result"] {
    if (results.some(({ result }) => result === "refused")) return "refused";
    return results.length > 0 && results.every(({ result }) => result === "good") ? "good" : "unavailable";
}

/** Every file in a folder and its subfolders, sorted; whatever is there counts. @throws ToolError */
export async function filesIn(folder: string): Promise<string[]> {
    try {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        return entries
            .filter((entry) => !entry.isDirectory())
            .map((entry) => join(entry.parentPath, entry.name))
            .sort();
    } catch (error) {
        throw new ToolError(`${folder} cannot be read (${(error as Error).message})`, "unavailable");
    }
}

function compare(tool: Tool, { sha256, bytes }: Sum): Pick<Verification, "result" | "message"> {
    if (sha256 === tool.sha256) return { result: "good", message: `sha256 ${sha256}, ${bytes} bytes` };
    return {
        result: "refused",
        message: `sha256 ${sha256} (${bytes} bytes), expected ${tool.sha256}; do not use it`,
    };
}
