import type { ScannerCommand } from "../commands/scanner";
import { readGrypeFile } from "./readGrypeFile";

/** Grype, by the file that it wrote: `grype registry:IMAGE --output json --file FILE`. */
export const scanner: ScannerCommand = {
    options: [],
    prepare: (options, { now }, { image, digest }) => {
        const path = options.required("report");
        return async () => {
            const { report, raw } = await readGrypeFile(path, { image, digest, now: now() });
            return { report, raw: raw === null ? null : { path } };
        };
    },
};
