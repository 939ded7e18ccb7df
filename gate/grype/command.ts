import type { ScannerCommand } from "../commands/scanner";
import { readReportFile } from "../report/reportFile";
import { grypeReport } from "./grypeReport";

/** Grype, by the file that it wrote: `grype registry:IMAGE --output json --file FILE`. */
export const scanner: ScannerCommand = {
    options: [],
    prepare: (options, context, { image, digest }) => {
        const path = options.required("report");
        return async () => {
            const now = context.now();
            return readReportFile(
                path,
                { what: "grype report", scanner: "grype", image, digest, now },
                (chunks) => grypeReport(chunks, { image, digest, now }),
            );
        };
    },
};
