import { UsageError } from "../commands/command";
import type { ScannerCommand } from "../commands/scanner";

/** Not built yet. */
export const scanner: ScannerCommand = {
    options: [],
    prepare: () => {
        throw new UsageError("--scanner accuknox is not built yet");
    },
};
