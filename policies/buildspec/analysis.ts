/**
 * Everything the rules want to know about one buildspec, worked out once per text: which scanners run, whether the
 * failure of each of them must fail the build, what is delivered and what cannot be read.
 */
import { deliveries, type Delivery } from "./deliveries";
import type { Invocation } from "./invocation";
import { afterCheck, afterFetch, runsFetched, uncheckedUses } from "./fetchedFile";
import { parseBuildspec, type Buildspec, type Phase, type PhaseName } from "./parse";
import { scannerPrograms, scannerUse } from "./scanners";
import type { ScannerUse } from "./scannerUse";
import { sameFile, withReport } from "./judgedReport";
import { simpleCommands } from "./simpleCommands";
import { expandWord } from "./shellExpansion";
import { suspicion } from "./suspicion";
import { FlowTooComplex, ShellFlow, type ShellObserver } from "./shellFlow";
import {
    distinct,
    errexitOffBefore,
    unreadableValue,
    initialState,
    withMark,
    withVariable,
    type ShellState,
    type Status,
} from "./shellState";
import { variableTampering, type Tampering } from "./shellTampering";
import { afterProgram, gateFile, isVerified, marked, verifiedFiles } from "./verifiedFile";
import type { SimpleCommand } from "./shellSyntax";

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

/** Never throws; equal text is analysed once. */
export function analyseBuildspec(text: string): BuildspecAnalysis {
    const known = cache.get(text);
    if (known) return known;
    const parsed = parseBuildspec(text);
    const analysis: BuildspecAnalysis = parsed.buildspec
        ? new Analyser(parsed.buildspec).analyse()
        : {
              buildspec: null,
              errors: parsed.errors,
              scanners: [],
              deliveries: [],
              unreadable: [],
              unchecked: [],
          };
    if (cache.size > 500) cache.clear();
    cache.set(text, analysis);
    return analysis;
}

interface Seen {
    invocation: Invocation;
    phase: Phase;
    inFinally: boolean;
    order: number;
    scanner: ScannerUse | null;
    deliveries: Delivery[];
}

const eitherEnd: readonly Status[] = ["ok", "fail"];
const failedMark = "scan-failed";
const ranMark = "scan-ran";
const buildFailedMark = "build-failed";

class Analyser {
    private readonly unreadable = new Map<string, Unreadable>();
    private readonly unchecked = new Map<string, Unchecked>();
    private readonly seen = new Map<string, Seen>();
    private phase!: Phase;
    private inFinally = false;
    /** Not every way through was followed. */
    private incomplete = false;
    private readonly bash: boolean;

    constructor(private readonly buildspec: Buildspec) {
        this.bash = /^\/?(?:[\w/]*\/)?bash$/.test(buildspec.env.shell ?? "");
    }

    analyse(): BuildspecAnalysis {
        const { buildspec } = this;
        if (buildspec.env.shell && !/(?:^|\/)(?:ba)?sh$/.test(buildspec.env.shell))
            this.note(
                buildspec.env.shell,
                "a shell whose language is not read",
                buildspec.phases[0]?.name ?? "build",
            );
        if (buildspec.batch) this.note("batch", "builds of a batch bring buildspecs of their own", "build");
        for (const [name, value] of Object.entries(buildspec.env.variables))
            this.tampered(name, variableTampering(name, { text: value, known: true }), "install");
        for (const name of Object.keys(buildspec.env.secrets))
            this.tampered(name, variableTampering(name, { text: `\${${name}}`, known: false }), "install");
        this.run({ program: (invocation, state) => this.observe(invocation, state) });
        this.observeUnreached();
        const all = [...this.seen.values()];
        const scanners = all.flatMap((seen) =>
            seen.scanner ? [this.scannerFinding(seen, seen.scanner, all)] : [],
        );
        return {
            buildspec,
            errors: [],
            scanners: scanners.map(({ finding }) =>
                withReport(
                    finding,
                    scanners.map((each) => each.finding),
                    all.map((seen) => ({ order: seen.order, words: seen.invocation.words })),
                    this.unreadable.size > 0,
                ),
            ),
            deliveries: all.flatMap((seen) =>
                seen.deliveries.map((delivery) => ({
                    ...delivery,
                    phase: seen.phase.name,
                    inFinally: seen.inFinally,
                    text: seen.invocation.node.text,
                    order: seen.order,
                    runsAfterFailureOf: scanners
                        .filter(({ reached }) => reached.has(seen.invocation.node))
                        .map(({ finding: { phase, text } }) => ({ phase, text })),
                })),
            ),
            unreadable: [...this.unreadable.values()],
            unchecked: [...this.unchecked.values()],
        };
    }

    private note(text: string, reason: string, phase: PhaseName, scope: Unreadable["scope"] = "shell"): void {
        const key = `${phase}|${text}|${reason}`;
        // Later runs know all scanners: the order counts from the first one.
        if (this.unreadable.has(key)) return;
        this.unreadable.set(key, { text, reason, phase, scope, order: this.seen.size });
    }

    private tampered(text: string, tampering: Tampering | null, phase: PhaseName): void {
        if (tampering) this.note(text, tampering.reason, phase, tampering.certain ? "tampered" : "shell");
    }

    private observe(invocation: Invocation, state: ShellState): ReturnType<ShellObserver["program"]> {
        const { env } = this.buildspec;
        const environment = (name: string): string | undefined => {
            const set = state.variables.get(name);
            if (set !== undefined) return set;
            // From a parameter, a secret or a command: whatever it is, it is not certainly off.
            if (state.marks.has(unreadableValue(name)) || name in env.secrets) return `\${${name}}`;
            return env.variables[name];
        };
        const text = invocation.words.map((word) => word.text).join(" ");
        const scanner = this.trusted(scannerUse(invocation, environment), invocation, state);
        const found = deliveries(invocation, environment);
        const key = `${this.phase.name}|${this.inFinally}|${text}`;
        const known = this.seen.get(key);
        if (!known) {
            const { phase, inFinally } = this;
            this.seen.set(key, {
                invocation,
                phase,
                inFinally,
                order: this.seen.size,
                scanner,
                deliveries: found,
            });
        } else if (known.scanner?.failing.kind === "yes" && scanner && scanner.failing.kind !== "yes") {
            known.scanner = scanner; // the same command, on another way through, with its failing switched off
        }
        if (!scanner && found.length === 0) {
            const reason = suspicion(invocation);
            if (reason !== null) this.note(invocation.node.text, reason, this.phase.name, "child");
        }
        this.noteUnchecked(invocation, invocation.node.text, state);
        const verified = verifiedFiles(invocation);
        return {
            ends: eitherEnd,
            always: (after) => afterFetch(invocation, afterProgram(invocation, after)),
            onSuccess: (after) => afterCheck(invocation, marked(after, verified)),
        };
    }

    /**
     * Scanners that stand in the buildspec and that no way through it reaches: behind a condition that is always false,
     * in a function that nobody calls. They count as scanners that the build can end well without.
     */
    private observeUnreached(): void {
        if (this.incomplete) return;
        const reached = new Set([...this.seen.values()].map(({ invocation }) => invocation.node.text));
        for (const phase of this.buildspec.phases) {
            this.phase = phase;
            for (const [inFinally, commands] of [
                [false, phase.commands],
                [true, phase.finally],
            ] as const) {
                for (const node of commands
                    .flatMap(simpleCommands)
                    .filter(({ text }) => !reached.has(text))) {
                    const words = node.words.flatMap((word) => expandWord(word, initialState, []));
                    const invocation: Invocation = { words, environment: new Map(), redirects: [], input: null, pipedFrom: null, node }; // prettier-ignore
                    const scanner = scannerUse(invocation, (name) => this.buildspec.env.variables[name]);
                    // Something of this name stands in its place, which is noted already.
                    const replaced = [...this.unreadable.values()].some(
                        ({ text }) => text === words[0]?.text,
                    );
                    if (!scanner || replaced) continue;
                    const order = this.seen.size;
                    this.seen.set(`${phase.name}|unreached|${order}`, { invocation, phase, inFinally, order, scanner, deliveries: [] }); // prettier-ignore
                }
            }
        }
    }

    /** `bash -c "$(curl …)"`, `source <(curl …)`: what is fetched is run as it comes. */
    private noteSubstituted(text: string, state: ShellState): void {
        if (state.marks.has(buildFailedMark) || !runsFetched(text)) return;
        const what = "a shell runs what is fetched, unseen";
        const { name: phase } = this.phase;
        this.unchecked.set(`${phase}|${text}|${what}`, { phase, text, what, certain: true });
    }

    private noteUnchecked(
        command: Parameters<typeof uncheckedUses>[0],
        text: string,
        state: ShellState,
    ): void {
        if (state.marks.has(buildFailedMark)) return;
        for (const { what, certain } of uncheckedUses(command, state)) {
            const { name: phase } = this.phase;
            this.unchecked.set(`${phase}|${text}|${what}`, { phase, text, what, certain });
        }
    }

    /** A gate whose program file was not compared with its checksum judges nothing; a build that failed already may run it. */
    private trusted(
        scanner: ScannerUse | null,
        invocation: Invocation,
        state: ShellState,
    ): ScannerUse | null {
        const file = gateFile(invocation.words);
        if (!scanner || file === null || state.marks.has(buildFailedMark)) return scanner;
        if (isVerified(file, state)) return scanner;
        return {
            ...scanner,
            judges: null,
            gate: scanner.gate && { ...scanner.gate, reads: [] },
            failing: {
                kind: "no",
                why: `${file} was not compared with a checksum before, or was written since`,
                fix: `Compare it first: printf '%s  %s\\n' <sha256> ${file} | sha256sum --check --strict.`,
            },
        };
    }

    private scannerFinding(
        seen: Seen,
        scanner: ScannerUse,
        all: Seen[],
    ): { finding: ScannerFinding; reached: Set<SimpleCommand> } {
        const { node } = seen.invocation;
        const reached = new Set<SimpleCommand>();
        let errexitDisabled = false;
        const failing = (assumePipefail: boolean): boolean =>
            this.run({
                assumePipefail,
                program: (invocation, state) => {
                    if (state.marks.has(failedMark)) reached.add(invocation.node);
                    if (invocation.node !== node) return { ends: eitherEnd };
                    if (state.marks.has(errexitOffBefore)) errexitDisabled = true;
                    return { ends: ["fail"], marks: [failedMark] };
                },
            }).some((state) => state.marks.has(failedMark) && !state.marks.has(buildFailedMark));
        const lost = failing(false);
        // `set +e` in a command of its own: how far it reaches is CodeBuild's business, so it is not relied on.
        const swallowed = lost || errexitDisabled;
        const hiddenByPipe = lost && !errexitDisabled && !failing(true);
        if (hiddenByPipe) {
            reached.clear();
            failing(false);
        }
        const skippable = this.run({
            program: (invocation) => ({
                ends: eitherEnd,
                ...(invocation.node === node ? { marks: [ranMark] } : {}),
            }),
        }).some((state) => !state.marks.has(ranMark) && !state.marks.has(buildFailedMark));
        const judgedLater =
            scanner.writes !== null &&
            all.some(
                (other) =>
                    other.order > seen.order &&
                    other.phase === seen.phase &&
                    other.scanner?.gate?.reads.some((file) => sameFile(file, scanner.writes ?? "")) === true,
            );
        const finding: ScannerFinding = {
            ...scanner,
            phase: seen.phase.name,
            inFinally: seen.inFinally,
            text: node.text,
            swallowed,
            hiddenByPipe,
            skippable,
            judgedLater,
            reportOf: [],
            onFailure: seen.phase.onFailure,
            order: seen.order,
        };
        return { finding, reached };
    }

    /**
     * Runs all phases the way CodeBuild does (user guide, "Build phase transitions"): a failed install or pre_build
     * ends the build; after a failed build phase post_build still runs, with CODEBUILD_BUILD_SUCCEEDING = 0, unless the
     * phase says `on-failure: ABORT`. CONTINUE is judged by a rule of its own and taken for "not ABORT" here.
     */
    private run(options: { program: ShellObserver["program"]; assumePipefail?: boolean }): ShellState[] {
        const flow = new ShellFlow(
            {
                program: options.program,
                unreadable: (text, reason, scope, command) => {
                    this.note(text, reason, this.phase.name, scope);
                    if (!command) return;
                    this.noteUnchecked(command, text, command.state);
                    this.noteSubstituted(text, command.state);
                },
                substituted: (text, state) => {
                    this.noteSubstituted(text, state);
                },
                assigned: (name, value, text) => {
                    this.tampered(text, variableTampering(name, value), this.phase.name);
                },
                tampered: (text, tampering) => {
                    this.tampered(text, tampering, this.phase.name);
                },
                defined: (name) => {
                    if (trusted.has(name) || scannerPrograms.has(name))
                        this.note(
                            name,
                            "a function or alias takes the place of this program",
                            this.phase.name,
                        );
                },
            },
            {
                bash: this.bash,
                ...(options.assumePipefail === undefined ? {} : { assumePipefail: options.assumePipefail }),
            },
        );
        let going = [initialState];
        const ended: ShellState[] = [];
        for (const phase of this.buildspec.phases) {
            this.phase = phase;
            const start = going.map((state) =>
                withVariable(
                    { ...state, status: "ok" },
                    "CODEBUILD_BUILD_SUCCEEDING",
                    state.marks.has(buildFailedMark) ? "0" : "1",
                ),
            );
            try {
                const after = this.runPhase(flow, phase, start);
                going = after.filter((state) => !state.marks.has(buildFailedMark));
                for (const state of after.filter((each) => each.marks.has(buildFailedMark))) {
                    const goesOn = phase.name === "build" && phase.onFailure !== "ABORT";
                    (goesOn ? going : ended).push(state);
                }
            } catch (error) {
                if (!(error instanceof FlowTooComplex)) throw error;
                this.incomplete = true;
                this.note(phase.name, `it has ${error.message} to be followed`, phase.name);
                going = start;
            }
        }
        return [...ended, ...going];
    }

    private runPhase(flow: ShellFlow, phase: Phase, start: ShellState[]): ShellState[] {
        this.inFinally = false;
        let live = start;
        const ended: ShellState[] = [];
        for (const command of phase.commands) {
            // `set -e` of an earlier command is not relied on: it would end the shell, not only the command.
            const fresh = live.map((state) => ({ ...state, errexit: false }));
            const after = distinct(flow.runCommand(command, fresh));
            ended.push(
                ...after
                    .filter((state) => state.status === "fail")
                    .map((state) => withMark(state, buildFailedMark)),
            );
            // Whether `exit 0` ends the phase or only the command depends on how CodeBuild joins them: follow both.
            ended.push(...after.filter((state) => state.status === "ok" && state.control === "exit"));
            live = after.filter((state) => state.status === "ok");
        }
        let all = distinct([...ended, ...live]);
        this.inFinally = true;
        for (const command of phase.finally) {
            all = distinct(
                flow
                    .runCommand(
                        command,
                        all.map((state) => ({ ...state, errexit: false })),
                    )
                    .map((state) => (state.status === "fail" ? withMark(state, buildFailedMark) : state)),
            );
        }
        this.inFinally = false;
        return all.map((state) => ({ ...state, control: "run" as const }));
    }
}

/** Programs that a buildspec has no reason to replace. */
const trusted = new Set([
    "node",
    "gate",
    "docker",
    "aws",
    "bash",
    "sh",
    "exit",
    "return",
    "test",
    "[",
    "set",
    "false",
]);
