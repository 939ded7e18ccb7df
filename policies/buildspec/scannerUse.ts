/** What the rules know about one command that is a scanner or a judge. */
import type { Argument } from "./invocation";

/** Whether bad findings make the command fail. */
export type Failing =
    { kind: "yes" } | { kind: "no"; why: string; fix: string } | { kind: "unknown"; why: string };

/**
 * Something in the command's own words by which it overlooks what it should see although it can fail.
 *
 * - `threshold`: findings are left out or too many severities are let through (BS-07)
 * - `history`: not everything that was pushed is looked at, or nothing at all without an error (BS-18)
 */
export interface Weakness {
    about: "threshold" | "history";
    why: string;
    fix: string;
}

/** What a run of the project's own gate says about itself. Texts may still have variables in them. */
export interface GateRun {
    command: "scan" | "verdict" | "lint" | "secrets" | "approved" | "verify-signature";
    /** Whose answer is judged; null for a verdict. `gate lint` is hadolint's. */
    scanner: string | null;
    /** Pipeline stage whose scanners count; `test` when none is named. Null for lint and secrets. */
    stage: string | null;
    /** Report files that it judges: of the image, and of the canary that shows that the scanner finds something. */
    reads: string[];
    /** Evidence store as it is written, `s3://BUCKET`; null when nothing is recorded or read. */
    evidence: string | null;
    /** Under which it records or reads evidence. */
    application: string | null;
}

export interface ScannerUse {
    /** Program, e.g. `grype`. */
    tool: string;
    /** `image`: vulnerabilities of an image; `source`: lint, secrets, configuration; `verdict`: judges stored reports. */
    subject: "image" | "source" | "verdict";
    failing: Failing;
    /** What is scanned, when it is written in the command. */
    target: string | null;
    /** File that the findings are written to. */
    writes: string | null;
    /** Report file that this command judges. */
    judges: string | null;
    /** Variables that switch the failing off, whoever sets them (project or pipeline action). */
    switches: string[];
    weaknesses: Weakness[];
    gate: GateRun | null;
}

/** The value of a variable: of the command itself, the shell or the buildspec. */
export type Environment = (name: string) => string | undefined;
export type Recognised = Omit<ScannerUse, "tool" | "writes" | "weaknesses"> | null;
/** Reads the words of one program, its name first; null when they are no scan. */
export type Recogniser = (words: Argument[], environment: Environment) => Recognised;

export const yes: Failing = { kind: "yes" };

export function no(why: string, fix: string): Failing {
    return { kind: "no", why, fix };
}

export function use(
    subject: ScannerUse["subject"],
    failing: Failing,
    extra: Partial<NonNullable<Recognised>> = {},
): NonNullable<Recognised> {
    return { subject, failing, target: null, judges: null, switches: [], gate: null, ...extra };
}

/** An exit code for findings: 0 switches the failing off; null when none is given. */
export function exitCodeFailing(value: string | undefined): Failing | null {
    if (value === undefined) return null;
    if (!/^\d+$/.test(value)) return { kind: "unknown", why: `its exit code comes from ${value}` };
    return Number(value) > 0 ? yes : no("its exit code is set to 0", "Set it to 1.");
}

/** Whether the variable is set to something that means yes. */
export function switchedOn(value: string | undefined): boolean {
    return value !== undefined && !["", "false", "0", "no"].includes(value.toLowerCase());
}
