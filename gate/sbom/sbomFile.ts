import { jsonBounds } from "../report/jsonStream";
import { RefusedFileError, withOpenFile } from "../report/openFile";
import { sbomReport, unusableSbom, type SbomReport, type SbomSubject } from "./sbomReport";

/**
 * Judges a bill of materials in a file, in pieces; its size is asked before a byte is read. Never throws.
 * @returns the report, with the hash and length of the bytes that were judged.
 */
export function readSbomFile(path: string, subject: SbomSubject): SbomReport {
    try {
        return withOpenFile(path, jsonBounds.largestBytes, (file) => sbomReport(file.chunks(), subject));
    } catch (error) {
        if (error instanceof RefusedFileError) return unusableSbom(`${path} ${error.message}`, subject);
        const reason =
            (error as NodeJS.ErrnoException).code === "ENOENT"
                ? `there is no ${path}; syft did not run or failed: see the build log`
                : `${path} cannot be read (${(error as Error).message})`;
        return unusableSbom(reason, subject);
    }
}
