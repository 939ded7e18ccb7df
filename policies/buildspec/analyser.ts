/** Works out what the rules want to know about one buildspec. */
import type { BuildspecAnalysis, ScannerFinding, Unchecked, Unreadable } from "./analysis";
import { buildFailedMark, runPhases } from "./buildPhases";
import { assignmentsOf, unreachedInvocation, type CommandFinding } from "./commands";
import { deliveries, type Delivery } from "./deliveries";
import { afterCheck, afterFetch, runsFetched, uncheckedUses } from "./fetchedFile";
import type { Invocation } from "./invocation";
import { sameFile, withReport } from "./judgedReport";
import { NumericVerdict } from "./numericVerdict";
import type { Buildspec, Phase, PhaseName } from "./parse";
import { scannerPrograms, scannerUse } from "./scanners";
import type { ScannerUse } from "./scannerUse";
import { ShellFlow, type ShellObserver } from "./shellFlow";
import { errexitOffBefore, unreadableValue, type ShellState, type Status } from "./shellState";
import type { SimpleCommand } from "./shellSyntax";
import { variableTampering, type Tampering } from "./shellTampering";
import { simpleCommands } from "./simpleCommands";
import { suspicion } from "./suspicion";
import { afterProgram, gateFile, isVerified, marked, verifiedFiles } from "./verifiedFile";

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

/** Reads one buildspec by running it without running it; see `ShellFlow`. */
export class Analyser {
    private readonly unreadable = new Map<string, Unreadable>();
    private readonly unchecked = new Map<string, Unchecked>();
    private readonly seen = new Map<string, Seen>();
    private readonly commands = new Map<string, CommandFinding>();
    private phase!: Phase;
    private inFinally = false;
    /** Not every way through was followed. */
    private incomplete = false;
    private readonly bash: boolean;
    private readonly variables: Readonly<Record<string, string>>;

    constructor(
        private readonly buildspec: Buildspec,
        given: Readonly<Record<string, string>>,
    ) {
        this.variables = { ...buildspec.env.variables, ...given };
        this.bash = /^\/?(?:[\w/]*\/)?bash$/.test(buildspec.env.shell ?? "");
    }

    analyse(): BuildspecAnalysis {
        const { buildspec } = this;
        if (buildspec.env.shell && !/(?:^|\/)(?:ba)?sh$/.test(buildspec.env.shell))
            this.note(
                buildspec.env.shell,
                "a shell whose language is not read",
                buildspec.phases[0]?.name ?? "build",
                "shell",
                true,
            );
        if (buildspec.batch) this.note("batch", "builds of a batch bring buildspecs of their own", "build");
        for (const [name, value] of Object.entries(buildspec.env.variables))
            this.tampered(name, variableTampering(name, { text: value, known: true }), "install");
        for (const name of Object.keys(buildspec.env.secrets))
            this.tampered(name, variableTampering(name, { text: `\${${name}}`, known: false }), "install");
        this.run({
            program: (invocation, state) => {
                this.command(invocation);
                return this.observe(invocation, state);
            },
            builtin: (invocation) => {
                this.command(invocation);
            },
        });
        this.observeUnreached();
        const all = [...this.seen.values()].sort((a, b) => a.order - b.order);
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
            commands: [...this.commands.values()],
            assignments: assignmentsOf(buildspec.phases),
            variables: this.variables,
        };
    }

    private note(
        text: string,
        reason: string,
        phase: PhaseName,
        scope: Unreadable["scope"] = "shell",
        ownText = false,
    ): void {
        const key = `${phase}|${text}|${reason}`;
        // Later runs know all scanners: the order counts from the first one.
        if (this.unreadable.has(key)) return;
        this.unreadable.set(key, { text, reason, phase, scope, order: this.seen.size, ownText });
    }

    private command(invocation: Invocation): void {
        const { phase, inFinally } = this;
        const { words, environment, redirects, input, pipedFrom, logged, tested, node } = invocation;
        const texts = [...words, ...(pipedFrom ?? [])].map((word) => word.text).join(" ");
        const key = `${phase.name}|${inFinally}|${logged}|${texts}|${redirects.map(({ target }) => target).join(" ")}`;
        if (this.commands.has(key)) return;
        this.commands.set(key, {
            ...{ words, environment, redirects, input, pipedFrom, logged, tested, node },
            ...{ phase: phase.name, inFinally, text: node.text, order: this.seen.size },
        });
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
            return this.variables[name];
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
        const reached = new Set([...this.commands.values()].map(({ text }) => text));
        const orders = new Map(
            [...this.seen.values()].map(({ invocation, order }) => [invocation.node.text, order]),
        );
        // Its place is behind what stands before it and is reached.
        let before = -1;
        for (const phase of this.buildspec.phases) {
            this.phase = phase;
            for (const [inFinally, commands] of [
                [false, phase.commands],
                [true, phase.finally],
            ] as const) {
                this.inFinally = inFinally;
                for (const node of commands.flatMap(simpleCommands)) {
                    before = Math.max(before, orders.get(node.text) ?? before);
                    if (reached.has(node.text)) continue;
                    const invocation = unreachedInvocation(node);
                    this.command(invocation);
                    if (this.incomplete) continue;
                    const scanner = scannerUse(invocation, (name) => this.variables[name]);
                    // Something of this name stands in its place, which is noted already.
                    const replaced = [...this.unreadable.values()].some(
                        ({ text }) => text === invocation.words[0]?.text,
                    );
                    if (!scanner || replaced) continue;
                    const order = before + 0.5;
                    this.seen.set(`${phase.name}|unreached|${this.seen.size}`, { invocation, phase, inFinally, order, scanner, deliveries: [] }); // prettier-ignore
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
            failing: this.judgedByNumber(seen, scanner) ? { kind: "yes" } : scanner.failing,
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

    /** Whether a report that fails nothing by itself is judged by a comparison with a number that must fail the build. */
    private judgedByNumber({ invocation: { node } }: Seen, scanner: ScannerUse): boolean {
        if (scanner.failing.kind !== "no" || scanner.tool === "gate" || this.incomplete) return false;
        const source = { node, writes: scanner.writes, contained: scanner.tool === "container" };
        const verdict = new NumericVerdict(source, assignmentsOf(this.buildspec.phases));
        if (
            ![...this.commands.values()].some((each) => verdict.answer(each) !== undefined) &&
            !this.hasArithmetic
        )
            return false;
        const ends = this.run({
            program: () => ({ ends: eitherEnd }),
            decide: (test) => {
                const truth = verdict.answer(test);
                return truth === undefined ? undefined : { truth, mark: failedMark };
            },
        });
        const well = ends.filter((state) => !state.marks.has(buildFailedMark));
        // With findings every way must fail, and no way may go around the comparison.
        return well.length === 0 && ends.some((state) => state.marks.has(failedMark));
    }

    /** `((…))` stands somewhere: the shell carries it out without a command that could be looked at. */
    private get hasArithmetic(): boolean {
        return this.buildspec.phases.some(({ commands }) => commands.some((text) => text.includes("((")));
    }

    /** Follows all phases, with every command observed. @returns the states in which the build may end */
    private run(
        options: Pick<ShellObserver, "program" | "builtin" | "decide"> & { assumePipefail?: boolean },
    ): ShellState[] {
        const flow = new ShellFlow(
            {
                program: options.program,
                ...(options.builtin ? { builtin: options.builtin } : {}),
                ...(options.decide ? { decide: options.decide } : {}),
                unreadable: (text, reason, scope, command) => {
                    this.note(text, reason, this.phase.name, scope, hidesText.test(reason));
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
        return runPhases(this.buildspec.phases, flow, {
            enter: (phase, inFinally) => {
                this.phase = phase;
                this.inFinally = inFinally;
            },
            tooComplex: (phase, message) => {
                this.incomplete = true;
                this.note(phase.name, `it has ${message} to be followed`, phase.name);
            },
        });
    }
}

/** Reasons by which a command of the buildspec may be anything: its text is no shell, or its program is in a variable. */
const hidesText = /^(?:shell text that cannot be read|the command is taken from a variable)/;

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
