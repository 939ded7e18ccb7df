import { readFile, stat } from "node:fs/promises";
import type { ScanReport } from "../report/scanReport";
import { grypeReport, unusableGrypeReport, type GrypeSubject } from "./grypeReport";

/** Largest grype document that is read, in bytes. Five hundred times that of an image with a thousand findings. */
export const largestGrypeFile = 256 * 1024 * 1024;

/**
 * Reads grype's output from a file. The size is asked before a byte is read. Never throws: a file that cannot be
 * read gives an incomplete report and no raw content.
 */
export async function readGrypeFile(
    path: string,
    subject: GrypeSubject,
    largest = largestGrypeFile,
): Promise<{ report: ScanReport; raw: Uint8Array | null }> {
    const unusable = (reason: string) => ({ report: unusableGrypeReport(reason, subject), raw: null });
    try {
        const status = await stat(path);
        if (!status.isFile()) return unusable(`the grype report ${path} is not a file`);
        if (status.size > largest) {
            return unusable(
                `the grype report ${path} has ${status.size} bytes, more than the ${largest} allowed`,
            );
        }
        const raw = await readFile(path);
        return { report: grypeReport(raw, subject), raw };
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        return unusable(
            code === "ENOENT"
                ? `there is no grype report ${path}; grype did not run or failed: see the build log`
                : `the grype report ${path} cannot be read (${message})`,
        );
    }
}
