/**
 * Everything the rules want to know about one buildspec, worked out once per text: which scanners run, whether the
 * failure of each of them must fail the build, what is delivered and what cannot be read.
 */
import { Analyser } from "./analyser";
import type { AssignmentFinding, CommandFinding } from "./commands";
import type { Delivery } from "./deliveries";
import { parseBuildspec, type Buildspec, type PhaseName } from "./parse";
import type { ScannerUse } from "./scannerUse";

export interface ScannerFinding extends ScannerUse {
    phase: PhaseName;
    inFinally: boolean;
    /** The command as it is written. */
    text: string;
    /** The build can end well although this command failed. */
    swallowed: boolean;
    /** … and it is a pipe that hides the status: `set -o pipefail` would be enough. */
    hiddenByPipe: boolean;
    /** The build can end well without running it. */
    skippable: boolean;
    /** The report it writes is judged by a later `gate scan --report` of the same phase. */
    judgedLater: boolean;
    /** What the scanners looked at that wrote the report which this gate judges. */
    reportOf: string[];
    /** `on-failure` of its phase. */
    onFailure: string | null;
    /** Position among everything observed, from 0. */
    order: number;
}

export interface DeliveryFinding extends Delivery {
    phase: PhaseName;
    text: string;
    order: number;
    inFinally: boolean;
    /** The scanners and judges after whose failure this command can still run. */
    runsAfterFailureOf: { phase: PhaseName; text: string }[];
}

export interface BuildspecAnalysis {
    buildspec: Buildspec | null;
    /** Why the buildspec cannot be read; empty when it can. */
    errors: string[];
    scanners: ScannerFinding[];
    deliveries: DeliveryFinding[];
    /** Commands whose effect cannot be read. */
    unreadable: Unreadable[];
    /** Commands that use what was fetched and never compared with a checksum. */
    unchecked: Unchecked[];
    /** Every command, also those of the shell itself. */
    commands: CommandFinding[];
    assignments: AssignmentFinding[];
    /** Plain variables that the build starts with: of the project, else of the buildspec. */
    variables: Readonly<Record<string, string>>;
}

export interface Unchecked {
    phase: PhaseName;
    text: string;
    what: string;
    certain: boolean;
}

export interface Unreadable {
    text: string;
    reason: string;
    phase: PhaseName;
    /**
     * `shell`: it may change what the following commands mean; `tampered`: it does; `child`: only what it does itself is
     * not known.
     */
    scope: "shell" | "child" | "tampered";
    /** Scanners of this order and above come after it. */
    order: number;
    /** Text of the buildspec itself cannot be read; otherwise the buildspec says plainly that something else is run. */
    ownText: boolean;
}

/** The first thing that changes what a scanner of the buildspec is; null when nothing does. */
export function tamperingBefore(
    analysis: BuildspecAnalysis,
    scanner: Pick<ScannerFinding, "order">,
): Unreadable | null {
    return (
        analysis.unreadable.find(({ scope, order }) => scope === "tampered" && order <= scanner.order) ?? null
    );
}

const cache = new Map<string, BuildspecAnalysis>();

/**
 * Never throws; equal text with equal variables is analysed once.
 * @param given plain variables of the project, which count before those of the buildspec (CodeBuild User Guide,
 * "Environment variables in build environments")
 */
export function analyseBuildspec(
    text: string,
    given: Readonly<Record<string, string>> = {},
): BuildspecAnalysis {
    const names = Object.keys(given);
    const key = names.length === 0 ? text : `${text}\u0000${JSON.stringify(given)}`;
    const known = cache.get(key);
    if (known) return known;
    const parsed = parseBuildspec(text);
    const analysis: BuildspecAnalysis = parsed.buildspec
        ? new Analyser(parsed.buildspec, given).analyse()
        : {
              buildspec: null,
              errors: parsed.errors,
              scanners: [],
              deliveries: [],
              unreadable: [],
              unchecked: [],
              commands: [],
              assignments: [],
              variables: given,
          };
    if (cache.size > 500) cache.clear();
    cache.set(key, analysis);
    return analysis;
}
