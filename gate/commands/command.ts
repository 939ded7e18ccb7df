import type { Outcome } from "../verdict/verdict";

/** Exit codes of the gate command. Everything but `pass` has to stop a pipeline. */
export const exitCode = {
    pass: 0,
    /** Judged and refused. */
    fail: 1,
    /** Could not be judged: something is missing, late, broken or contradictory. */
    incomplete: 2,
    /** The command line is wrong (EX_USAGE of sysexits.h). */
    usage: 64,
} as const satisfies Record<Outcome | "usage", number>;

/** The command line or a GATE_… variable is wrong. */
export class UsageError extends Error {
    override name = "UsageError";
}

/** The work could not be done although the command line is right; one line with what to do. */
export class IncompleteWorkError extends Error {
    override name = "IncompleteWorkError";
}

/** What a command works with; specs hand in their own. */
export interface CommandContext {
    environment: Readonly<Record<string, string | undefined>>;
    now: () => Date;
    /** Result, to standard output. */
    print: (line: string) => void;
    /** Progress and what went wrong, to standard error. */
    complain: (line: string) => void;
    /** Whether standard output is a terminal that shows colours. */
    colours: boolean;
}

/** A subcommand: its help text, but for the one line in `cli.ts`, and what it does. */
export interface Command {
    usage: string;
    options: readonly CommandOption[];
    /**
     * Options that depend on those already given, e.g. on which scanner is meant; read before anything else.
     * @throws UsageError
     */
    furtherOptions?: (
        args: readonly string[],
        environment: CommandContext["environment"],
    ) => readonly CommandOption[];
    /** Arguments that are no options, e.g. files; absent when the command takes none. */
    operands?: { name: string; help: string };
    /** @returns the exit code. */
    run: (options: CommandOptions, context: CommandContext) => Promise<number>;
}

/** An option, readable as `--name` and as `GATE_NAME`. */
export interface CommandOption {
    name: string;
    /** Placeholder of the value in the help; null for a switch. */
    value: string | null;
    help: string;
}

/** The options as given. */
export interface CommandOptions {
    /** The value, or undefined when it is not given. */
    optional(name: string): string | undefined;
    /** @throws UsageError when it is not given. */
    required(name: string): string;
    isSet(name: string): boolean;
    /** Names given as flags, as opposed to variables. */
    flags: ReadonlySet<string>;
    /** Arguments that are no options, in their order; empty unless the command declares `operands`. */
    operands: readonly string[];
}
