import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArtefactAddress } from "./artefactAddress";
import { AbsentObjectError, putS3 } from "./s3Mirror";
import { ToolError } from "./toolError";
import { mirrored, type Tool } from "./toolManifest";
import type { TransferOptions } from "./transfer";
import { verifyPublished, type Verification } from "./verify";
import { downloadVerified, sumOfAddress, wrongSum } from "./verifiedDownload";

/**
 * Brings one artefact into a mirror: nothing happens when the right one is there; an absent one is fetched from the
 * project, verified, put where nothing is, and read back; a wrong one is refused and never replaced. Never throws.
 * @param mirror `s3://bucket/prefix`.
 */
export async function mirrorTool(
    tool: Tool,
    mirror: string,
    options: TransferOptions,
): Promise<Verification> {
    const place = mirrored(tool, mirror);
    const common = { tool: tool.name, version: tool.version, place };
    try {
        const address = parseArtefactAddress(place);
        if (address.kind !== "s3") throw new ToolError(`${place} is not s3://BUCKET/KEY`, "refused");
        try {
            const there = await sumOfAddress(address, options);
            if (there.sha256 !== tool.sha256) throw wrongSum(tool.name, place, tool.sha256, there);
            return { ...common, result: "good", message: `sha256 ${there.sha256}, was there already` };
        } catch (error) {
            if (!(error instanceof AbsentObjectError)) throw error;
        }
        await putS3(address, await contentOf(tool, options), tool.sha256);
        const { result, message } = await verifyPublished(tool, mirror, options);
        return {
            ...common,
            result,
            message: result === "good" ? `${message}, copied and read back` : message,
        };
    } catch (error) {
        const kind = error instanceof ToolError ? error.kind : "unavailable";
        return { ...common, result: kind, message: (error as Error).message };
    }
}

/** The verified bytes of an artefact, from the project. @throws ToolError */
async function contentOf(tool: Tool, options: TransferOptions): Promise<Uint8Array> {
    const folder = await mkdtemp(join(tmpdir(), "portcullis-mirror-"));
    try {
        const path = join(folder, "artefact");
        const address = parseArtefactAddress(tool.url);
        const { file } = await downloadVerified(tool.name, address, tool.sha256, path, options);
        try {
            return await readFile(file);
        } finally {
            await file.close();
        }
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
