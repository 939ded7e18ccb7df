import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { textOf, type ArtefactAddress } from "./artefactAddress";
import { ToolError } from "./toolError";
import { fetchArtefact, type TransferOptions } from "./transfer";

/** Hash and length of some bytes. */
export interface Sum {
    /** Hexadecimal, lower case. */
    sha256: string;
    bytes: number;
}

/** Hash and length of what an address gives, without keeping it. @throws ToolError */
export function sumOfAddress(address: ArtefactAddress, options: TransferOptions): Promise<Sum> {
    return fetchArtefact(address, options, (chunks) => sumOf(chunks));
}

/**
 * Fetches an artefact into a new file and compares its sum with the expected one.
 * @param path of a file that does not exist.
 * @returns the file, open for reading from its beginning, and its sum. The caller closes it; since it stays open,
 * what is read from it later is what was compared.
 * @throws ToolError `refused` when the sum is another one; the file is empty then.
 */
export async function downloadVerified(
    tool: string,
    address: ArtefactAddress,
    expected: string,
    path: string,
    options: TransferOptions,
): Promise<{ file: FileHandle; sum: Sum }> {
    const file = await open(path, "wx+", 0o600);
    try {
        const sum = await fetchArtefact(address, options, async (chunks) => {
            await file.truncate(0);
            let at = 0;
            return sumOf(chunks, async (chunk) => {
                await writeAll(file, chunk, at);
                at += chunk.length;
            });
        });
        if (sum.sha256 !== expected) throw wrongSum(tool, textOf(address), expected, sum);
        return { file, sum };
    } catch (error) {
        await file.truncate(0).catch(() => undefined);
        await file.close();
        throw error;
    }
}

/** The refusal of bytes that are not what was pinned. */
export function wrongSum(tool: string, place: string, expected: string, { sha256, bytes }: Sum): ToolError {
    return new ToolError(
        `${tool}: ${place} has sha256 ${sha256} (${bytes} bytes), expected ${expected}; do not use it: compare with ` +
            "the checksums that the project publishes, then correct the pin or the mirror",
        "refused",
    );
}

/** Hash and length of a stream that may also be kept. */
export async function sumOf(
    chunks: AsyncIterable<Uint8Array>,
    keep?: (chunk: Uint8Array) => Promise<void>,
): Promise<Sum> {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        await keep?.(chunk);
    }
    return { sha256: hash.digest("hex"), bytes };
}

async function writeAll(file: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < chunk.length;)
        done += (await file.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
}
