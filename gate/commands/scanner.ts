import type { GatePolicy } from "../policy/gatePolicy";
import type { ScanReport } from "../report/scanReport";
import type { CommandContext, CommandOption, CommandOptions } from "./command";

/** A scanner's raw answer: in memory, or a file that is read again when it is stored. */
export type RawAnswer = Uint8Array | { path: string };

/** What a scan gave. `raw` is null when the scanner gave nothing that could be kept. */
export interface Scan {
    report: ScanReport;
    raw: RawAnswer | null;
}

/** The image that is asked about. */
export interface ScanSubject {
    /** `repository@sha256:…`. */
    image: string;
    digest: string;
    /** Host of the registry, with its port. */
    host: string;
    /** Application that the image belongs to, when it is given. */
    application: string | undefined;
}

/**
 * One scanner as `gate scan` uses it; a module `gate/<scanner>/command.ts` exports it as `scanner`. Whatever goes
 * wrong after the options are read is a report with `complete: false`, never an exception.
 */
export interface ScannerCommand {
    /** Options that only this scanner knows. `--report FILE` and `--timeout SECONDS` are common and not listed here. */
    options: readonly CommandOption[];
    /**
     * Reads the options before anything happens.
     * @throws UsageError
     */
    prepare(
        options: CommandOptions,
        context: CommandContext,
        subject: ScanSubject,
    ): (policy: GatePolicy) => Promise<Scan>;
}
