import { UsageError } from "../commands/command";
import type { ScannerCommand } from "../commands/scanner";

/** Not built yet. */
export const scanner: ScannerCommand = {
    options: [],
    prepare: () => {
        throw new UsageError("--scanner inspector is not built yet");
    },
};
