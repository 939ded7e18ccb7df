import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { jsonBounds } from "../report/jsonStream";
import { sbomReport, unusableSbom, type SbomReport, type SbomSubject } from "./sbomReport";

/** Bytes that are read at a time. */
const chunkBytes = 1024 * 1024;

/**
 * Judges a bill of materials in a file, in pieces; its size is asked before a byte is read. Never throws.
 * @returns the report, with the hash and length of the bytes that were judged.
 */
export function readSbomFile(path: string, subject: SbomSubject): SbomReport {
    let file: number | null = null;
    try {
        // Opening a named pipe would wait for its writer.
        if (!statSync(path).isFile()) return unusableSbom(`${path} is not a file`, subject);
        file = openSync(path, "r");
        const { size } = fstatSync(file);
        if (size > jsonBounds.largestBytes) {
            const reason = `${path} has ${size} bytes, more than the ${jsonBounds.largestBytes} allowed`;
            return unusableSbom(reason, subject);
        }
        return sbomReport(chunksOf(file), subject);
    } catch (error) {
        const reason =
            (error as NodeJS.ErrnoException).code === "ENOENT"
                ? `there is no ${path}; syft did not run or failed: see the build log`
                : `${path} cannot be read (${(error as Error).message})`;
        return unusableSbom(reason, subject);
    } finally {
        if (file !== null) closeSync(file);
    }
}

function* chunksOf(file: number): Generator<Uint8Array, void, void> {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
        const length = readSync(file, buffer, 0, buffer.length, null);
        if (length === 0) return;
        yield buffer.subarray(0, length);
    }
}
