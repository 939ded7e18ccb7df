/**
 * Runs a script without running it: follows every way the commands can end and keeps the states apart that differ in
 * exit status, options or variables. This answers the question a text search cannot: can this script end well although
 * that one command failed?
 */
import { definitionFile } from "./deliveries";
import { parseShell } from "./shell";
import { builtin } from "./shellBuiltins";
import { expandWord, isText, joinedWord, quotedWord, variableValue } from "./shellExpansion";
import { resolve, type Argument, type Invocation } from "./invocation";
import {
    afterSubshell,
    startOfCommand,
    distinct,
    initialState,
    withMark,
    withVariable,
    type ShellState,
    type Status,
} from "./shellState";
import { arithmeticWords, type Comparison } from "./numericVerdict";
import type { List, Node, Redirect, SimpleCommand, Word } from "./shellSyntax";
import type { Tampering } from "./shellTampering";
import { evaluateArithmetic } from "./shellTestExpressions";
import { written } from "./verifiedFile";

/** What watches a run: it is asked about every program that is not part of the shell. */
export interface ShellObserver {
    /**
     * How the program may end in this state, and facts to remember from here on; `onSuccess` where it ends well, `always`
     * whatever the end.
     */
    program(
        invocation: Invocation,
        state: ShellState,
    ): {
        ends: readonly Status[];
        marks?: readonly string[];
        onSuccess?: (state: ShellState) => ShellState;
        always?: (state: ShellState) => ShellState;
    };
    /** Something that runs commands which cannot be read; `command` where it is one that the shell starts. */
    unreadable(
        text: string,
        reason: string,
        scope: "shell" | "child",
        command?: { words: Argument[]; pipedFrom: readonly Argument[] | null; state: ShellState },
    ): void;
    /** A shell runs text that a substitution may have given; `text` is the command. */
    substituted(text: string, state: ShellState): void;
    /** What a test of a number answers, with a fact to remember from there on; undefined where the words say it. */
    decide?(test: Comparison): { truth: boolean; mark: string } | undefined;
    /** A command that the shell carries out itself: `echo`, `set`, `export`. */
    builtin?(invocation: Invocation, state: ShellState): void;
    /** A function or alias of this name now stands before any program of the name. */
    defined(name: string): void;
    /** A variable is set, for all commands that follow or for one; `text` is the command that does it. */
    assigned(name: string, value: Argument, text: string): void;
    /** The commands that follow need not be what their words say. */
    tampered(text: string, tampering: Tampering): void;
}

export interface FlowOptions {
    /** `set -o pipefail` works (bash) or is an unknown option (sh, dash). */
    bash: boolean;
    /** Take every pipeline as if `pipefail` were set: tells a hidden status in a pipe from other ways to lose it. */
    assumePipefail?: boolean;
}

/** Thrown when a script has more ways to run than are worth following; the caller reports it as unreadable. */
export class FlowTooComplex extends Error {}

const maximumStates = 400;
const maximumSteps = 40_000;
const maximumDepth = 24;
const eitherEnd: readonly Status[] = ["ok", "fail"];

interface Context {
    /** `set -e` does not act: conditions, negated pipelines, everything but the last of an and-or list. */
    tested: boolean;
    depth: number;
    parameters: Argument[];
    inLoop?: boolean;
    inFunction?: boolean;
    /** The command that writes into the pipe that this one reads. */
    feeder?: Node | undefined;
    /** What the command prints goes into a pipe, a substitution or a file, not into the log of the build. */
    captured?: boolean;
}

export class ShellFlow {
    private steps = 0;

    constructor(
        private readonly observer: ShellObserver,
        private readonly options: FlowOptions,
    ) {}

    /** All states in which one build command may end; EXIT handlers have run. */
    runCommand(text: string, states: ShellState[]): ShellState[] {
        const fresh = states.map((state) => ({
            ...startOfCommand(state),
            control: "run" as const,
            status: "ok" as const,
        }));
        return this.runText(text, fresh, { tested: false, depth: 0, parameters: [] }).flatMap((state) =>
            this.exitHandler(state),
        );
    }

    private runText(text: string, states: ShellState[], context: Context): ShellState[] {
        const parsed = parseShell(text);
        if (parsed.error !== null) {
            this.observer.unreadable(text, `shell text that cannot be read (${parsed.error})`, "shell");
            return this.ending(states, eitherEnd);
        }
        return this.each(states, (state) => this.list(parsed.script, state, context));
    }

    /** The handler runs when the shell ends: after `exit`, or because CodeBuild gives up after a failed command. */
    private exitHandler(state: ShellState): ShellState[] {
        const handler = state.traps.get("EXIT");
        if (!handler || (state.status === "ok" && state.control === "run")) return [state];
        const start = { ...state, control: "run" as const, traps: new Map() };
        return this.runText(handler, [start], { tested: true, depth: 1, parameters: [] }).map((after) => ({
            ...after,
            status: after.control === "exit" ? after.status : state.status,
            control: "exit",
            traps: state.traps,
        }));
    }

    private each(states: ShellState[], run: (state: ShellState) => ShellState[]): ShellState[] {
        const result = distinct(states.flatMap((state) => (state.control === "run" ? run(state) : [state])));
        if (result.length > maximumStates) throw new FlowTooComplex("too many ways to run");
        return result;
    }

    private decided(state: ShellState, { truth, mark }: { truth: boolean; mark: string }): ShellState[] {
        return this.ending([withMark(state, mark)], [truth ? "ok" : "fail"]);
    }

    private ending(states: ShellState[], ends: readonly Status[]): ShellState[] {
        return states.flatMap((state) => ends.map((status) => ({ ...state, status })));
    }

    private node(node: Node, state: ShellState, context: Context): ShellState[] {
        if (++this.steps > maximumSteps || context.depth > maximumDepth)
            throw new FlowTooComplex("too many steps");
        switch (node.kind) {
            case "list":
                return this.list(node, state, context);
            case "simple":
                return this.checked(this.simple(node, state, context), context);
            case "andOr": {
                const tested = { ...context, tested: true };
                let states = this.node(node.first, state, node.rest.length > 0 ? tested : context);
                node.rest.forEach(({ operator, node: right }, index) => {
                    const inner = index === node.rest.length - 1 ? context : tested;
                    states = this.each(states, (left) =>
                        (operator === "&&") === (left.status === "ok")
                            ? this.node(right, left, inner)
                            : [left],
                    );
                });
                return states;
            }
            case "pipeline":
                return this.pipeline(node.commands, node.negated, state, context);
            case "subshell": {
                const states = this.redirectSubstitutions(node.redirects, state, context);
                return this.checked(
                    this.each(states, (start) =>
                        this.subshell(node.body, start, into(node.redirects, context)),
                    ),
                    context,
                );
            }
            case "group":
                return this.each(this.redirectSubstitutions(node.redirects, state, context), (start) =>
                    this.list(node.body, start, into(node.redirects, context)),
                );
            case "if": {
                let pending = this.redirectSubstitutions(node.redirects, state, context);
                const done: ShellState[] = [];
                for (const { condition, body } of node.clauses) {
                    const tried = this.each(pending, (start) =>
                        this.list(condition, start, { ...context, tested: true }),
                    );
                    const live = tried.filter((after) => after.control === "run");
                    done.push(...tried.filter((after) => after.control !== "run"));
                    const taken = live.filter((after) => after.status === "ok");
                    done.push(...this.each(taken, (after) => this.list(body, after, context)));
                    pending = live.filter((after) => after.status === "fail");
                }
                const { otherwise } = node;
                const last = otherwise
                    ? this.each(pending, (after) => this.list(otherwise, after, context))
                    : this.ending(pending, ["ok"]);
                return distinct([...done, ...last]);
            }
            case "loop":
                return this.each(this.redirectSubstitutions(node.redirects, state, context), (start) =>
                    this.loop(node.until, node.condition, node.body, start, context),
                );
            case "for": {
                const start = this.redirectSubstitutions(node.redirects, state, context).flatMap(
                    (each) => this.words(node.words ?? [], each, context).states,
                );
                const certain = node.words?.every((word) => word.parts.every((part) => part.kind === "text"));
                const times = certain ? (node.words?.length ?? 0) : null;
                let current = start.map((each) =>
                    withVariable({ ...each, status: "ok" }, node.variable, null),
                );
                const ended: ShellState[] = times === null ? [...current] : [];
                for (let round = 0; round < Math.min(times ?? 2, 3); round++) {
                    const after = this.each(current, (each) =>
                        this.list(node.body, each, { ...context, inLoop: true }),
                    );
                    ended.push(...after.filter((each) => each.control === "break").map(running));
                    ended.push(
                        ...after.filter((each) => each.control === "exit" || each.control === "return"),
                    );
                    current = after
                        .filter((each) => each.control === "run" || each.control === "continue")
                        .map(running);
                    if (times === null) ended.push(...current);
                }
                return distinct([...ended, ...current]);
            }
            case "case": {
                const states = this.redirectSubstitutions(node.redirects, state, context).flatMap(
                    (each) => this.words([node.subject], each, context).states,
                );
                const all = node.branches.some(({ patterns }) =>
                    patterns.some((word) => word.parts.length === 1 && isText(word, "*")),
                );
                const results = node.branches.flatMap(({ body }) =>
                    this.each(states, (start) => this.list(body, { ...start, status: "ok" }, context)),
                );
                return distinct([...results, ...(all ? [] : this.ending(states, ["ok"]))]);
            }
            case "function": {
                this.observer.defined(node.name);
                const functions = new Map(state.functions).set(node.name, node.body);
                return [{ ...state, functions, status: "ok" }];
            }
            case "arithmetic": {
                const words = arithmeticWords(node.expression);
                const decided = words ? this.observer.decide?.({ words, node: null }) : undefined;
                if (decided) return this.checked(this.decided(state, decided), context);
                const truth = evaluateArithmetic(node.expression, (name) => variableValue(name, state));
                const ends = truth === undefined ? eitherEnd : ([truth ? "ok" : "fail"] as const);
                return this.checked(this.ending([state], ends), context);
            }
        }
    }

    private list(list: List, state: ShellState, context: Context): ShellState[] {
        let states = [state.status === "ok" || list.items.length > 0 ? state : { ...state }];
        for (const { node, background } of list.items) {
            states = this.each(states, (start) => {
                if (!background) return this.node(node, start, context);
                return this.subshell({ kind: "list", items: [{ node, background: false }] }, start, {
                    ...context,
                    tested: true,
                }).flatMap((after) => {
                    // bash drops the `!` of some background pipelines: do not rely on the status of any.
                    const negated = node.kind === "pipeline" && node.negated;
                    const jobs = negated ? eitherEnd : [after.status];
                    return jobs.map((job) => ({ ...after, job, status: "ok" as const }));
                });
            });
        }
        return states;
    }

    /** `set -e` and the ERR handler, after a command that may have failed. */
    private checked(states: ShellState[], context: Context): ShellState[] {
        if (context.tested) return states;
        return states.flatMap((state) => {
            if (state.status === "ok" || state.control !== "run") return [state];
            const handler = state.traps.get("ERR");
            const after = handler
                ? this.runText(handler, [{ ...state, traps: new Map() }], {
                      ...context,
                      tested: true,
                      depth: context.depth + 1,
                  }).map((each) =>
                      each.control === "exit"
                          ? each
                          : { ...each, status: "fail" as const, traps: state.traps },
                  )
                : [state];
            return after.map((each) =>
                each.errexit && each.control === "run" ? { ...each, control: "exit" as const } : each,
            );
        });
    }

    private subshell(body: List, state: ShellState, context: Context): ShellState[] {
        const inner = this.list(
            body,
            { ...state, traps: new Map() },
            { ...context, depth: context.depth + 1 },
        );
        return distinct(
            inner.flatMap((each) => this.exitHandler(each)).map((each) => afterSubshell(state, each)),
        );
    }

    private pipeline(commands: Node[], negated: boolean, state: ShellState, context: Context): ShellState[] {
        const inner = { ...context, tested: true };
        const hides = commands.length > 1 && !(state.pipefail || this.options.assumePipefail);
        let states: { state: ShellState; failed: boolean }[] = [{ state, failed: false }];
        commands.forEach((command, index) => {
            const next = states.flatMap(({ state: before, failed }) => {
                const body: List = { kind: "list", items: [{ node: command, background: false }] };
                const captured = inner.captured === true || index < commands.length - 1;
                const results =
                    commands.length === 1
                        ? this.node(command, before, inner)
                        : this.subshell(body, before, { ...inner, feeder: commands[index - 1], captured });
                return results.map((after) => ({
                    state: after,
                    failed: hides
                        ? index === commands.length - 1 && after.status === "fail"
                        : failed || after.status === "fail",
                }));
            });
            states = distinctBy(next);
        });
        const result = states.map(({ state: after, failed }) =>
            after.control === "run"
                ? { ...after, status: failed !== negated ? ("fail" as const) : ("ok" as const) }
                : after,
        );
        return negated ? result : this.checked(distinct(result), context);
    }

    private loop(
        until: boolean,
        condition: List,
        body: List,
        state: ShellState,
        context: Context,
    ): ShellState[] {
        const ended: ShellState[] = [];
        let current: ShellState[] = [state];
        let status = new Map<ShellState, Status>([[state, "ok"]]);
        for (let round = 0; round < 3 && current.length > 0; round++) {
            const going: ShellState[] = [];
            for (const start of current) {
                for (const tried of this.list(condition, start, { ...context, tested: true, inLoop: true })) {
                    if (tried.control === "break") ended.push(running({ ...tried, status: "ok" }));
                    else if (tried.control !== "run") ended.push(tried);
                    else if ((tried.status === "ok") !== until) going.push(tried);
                    else ended.push({ ...tried, status: status.get(start) ?? "ok" });
                }
            }
            const after = this.each(distinct(going), (each) =>
                this.list(body, each, { ...context, inLoop: true }),
            );
            ended.push(...after.filter((each) => each.control === "break").map(running));
            ended.push(...after.filter((each) => each.control === "exit" || each.control === "return"));
            current = distinct(
                after.filter((each) => each.control === "run" || each.control === "continue").map(running),
            );
            status = new Map(current.map((each) => [each, each.status]));
        }
        return distinct(ended);
    }

    private simple(node: SimpleCommand, state: ShellState, context: Context): ShellState[] {
        const assigned = this.words(
            node.assignments.map((assignment) => assignment.value),
            state,
            context,
        );
        const expanded = this.words(node.words, state, context, assigned);
        const redirected = expanded.states.flatMap((each) =>
            this.redirectSubstitutions(node.redirects, each, context),
        );
        return this.each(distinct(redirected), (ready) => {
            const words = node.words.flatMap((word) => expandWord(word, ready, context.parameters));
            const environment = new Map<string, string>();
            let after = ready;
            for (const { name, value, plain } of node.assignments) {
                const operand = plain ? joinedWord(expandWord(value, ready, context.parameters, true)) : null;
                environment.set(name, operand?.text ?? "$()");
                const appended = joinedWord(expandWord(value, ready, context.parameters, true)).text;
                this.observer.assigned(
                    name,
                    operand ?? { text: `\${${name}}${appended}`, known: false },
                    node.text,
                );
                if (words.length === 0)
                    after = withVariable(after, name, operand?.known ? operand.text : null);
            }
            // `x=$(command)` keeps the command's status; `x=1` is always ok.
            if (words.length === 0) return [expanded.substituted ? after : { ...after, status: "ok" }];
            return this.execute(words, environment, node, ready, context);
        });
    }

    private execute(
        words: Argument[],
        environment: Map<string, string>,
        node: SimpleCommand,
        state: ShellState,
        context: Context,
    ): ShellState[] {
        const deeper = { ...context, depth: context.depth + 1 };
        const alias = state.aliases.get(words[0]?.text ?? "");
        if (alias !== undefined) {
            const rest = words.slice(1).map(quotedWord).join(" ");
            return this.runText(`${alias} ${rest}`, [{ ...state, aliases: new Map() }], deeper).map(
                (after) => ({ ...after, aliases: state.aliases }),
            );
        }
        const resolution = resolve(words, node, (redirect) =>
            joinedWord(expandWord(redirect.body ?? redirect.target, state, context.parameters, true)),
        );
        switch (resolution.kind) {
            case "unreadable":
                this.observer.unreadable(node.text, resolution.reason, resolution.scope, {
                    words,
                    pipedFrom: this.pipedFrom(state, context),
                    state,
                });
                return this.ending([state], eitherEnd);
            case "detached": {
                const inner = this.execute(resolution.words, environment, node, state, deeper);
                return inner.flatMap((after) => this.ending([afterSubshell(state, after)], eitherEnd));
            }
            case "replace":
                return this.execute(resolution.words, environment, node, state, deeper).map((after) => ({
                    ...after,
                    control: "exit" as const,
                }));
            case "script": {
                if (node.words.some(hasSubstitution)) this.observer.substituted(node.text, state);
                if (resolution.inherits) return this.runText(resolution.text, [state], deeper);
                const start: ShellState = {
                    ...initialState,
                    variables: state.variables,
                    marks: state.marks,
                    errexit: resolution.errexit,
                    pipefail: resolution.pipefail,
                };
                const inner = this.runText(resolution.text, [start], {
                    tested: false,
                    depth: deeper.depth,
                    parameters: [],
                    captured: into(node.redirects, context).captured === true,
                });
                return inner
                    .flatMap((each) => this.exitHandler(each))
                    .flatMap((each) =>
                        this.ending(
                            [afterSubshell(state, each)],
                            resolution.statusLost ? eitherEnd : [each.status],
                        ),
                    );
            }
            case "program": {
                for (const [variable, value] of resolution.environment)
                    this.observer.assigned(variable, { text: value, known: !value.includes("$") }, node.text);
                const name = resolution.words[0]?.text ?? "";
                const body = resolution.bypassesFunctions ? undefined : state.functions.get(name);
                if (body) {
                    return this.node(body, state, {
                        ...deeper,
                        parameters: resolution.words.slice(1),
                        inFunction: true,
                        inLoop: false,
                    }).map((after) => (after.control === "return" ? running(after) : after));
                }
                const redirects = node.redirects.map((redirect) => ({
                    operator: redirect.operator,
                    descriptor: redirect.descriptor,
                    target: joinedWord(expandWord(redirect.target, state, context.parameters, true)).text,
                }));
                const invocation: Invocation = {
                    words: resolution.words,
                    environment: new Map([...environment, ...resolution.environment]),
                    redirects,
                    input: this.input(node, state, context),
                    pipedFrom: this.pipedFrom(state, context),
                    logged: into(node.redirects, context).captured !== true,
                    tested: context.tested,
                    node,
                };
                // What a builtin writes into a file is nobody's matter, except where the file says what is deployed.
                const decided = this.observer.decide?.(invocation);
                if (decided) return this.decided(state, decided);
                const own = redirects.some(({ target }) => definitionFile.test(target))
                    ? null
                    : builtin(resolution.words, state, this.options.bash, this.observer);
                if (own) {
                    this.observer.builtin?.(invocation, state);
                    return own.flatMap((after) => outOfPlace(after, context));
                }
                const { ends, marks, onSuccess, always } = this.observer.program(invocation, state);
                const marked = (marks ?? []).reduce(withMark, always ? always(state) : state);
                return [
                    ...this.ending([marked], ends).map((after) =>
                        onSuccess && after.status === "ok" ? onSuccess(after) : after,
                    ),
                    ...(resolution.mayNotRun ? this.ending([state], ["ok"]) : []),
                ];
            }
        }
    }

    /** Substitutions in redirections run, and files that are written are no longer what they were. */
    private redirectSubstitutions(redirects: Redirect[], state: ShellState, context: Context): ShellState[] {
        const words = redirects.flatMap(({ target, body }) => (body ? [target, body] : [target]));
        const targets = redirects.flatMap(({ operator, target }) =>
            operator.includes(">")
                ? [joinedWord(expandWord(target, state, context.parameters, true)).text]
                : [],
        );
        return this.words(words, state, context).states.map((after) =>
            targets.reduce(written, { ...after, status: state.status }),
        );
    }

    /** What the command reads, if it stands in the script: a here-document, else what `printf` or `echo` pipes into it. */
    private input(node: SimpleCommand, state: ShellState, context: Context): Argument[] | null {
        const redirect = node.redirects.findLast(({ operator }) => operator.startsWith("<"));
        const { feeder } = context;
        if (redirect)
            return redirect.body || redirect.operator === "<<<"
                ? [joinedWord(expandWord(redirect.body ?? redirect.target, state, context.parameters, true))]
                : null;
        if (feeder?.kind !== "simple" || feeder.words.some(hasSubstitution)) return null;
        const words = feeder.words.flatMap((word) => expandWord(word, state, context.parameters));
        return /^(?:printf|echo)$/.test(words[0]?.text ?? "") ? words.slice(1) : null;
    }

    private pipedFrom(state: ShellState, { feeder, parameters }: Context): Argument[] | null {
        if (feeder?.kind !== "simple") return null;
        return feeder.words.flatMap((word) => expandWord(word, state, parameters));
    }

    /** Runs the substitutions inside words; `substituted` when there was at least one. */
    private words(
        words: Word[],
        state: ShellState,
        context: Context,
        before?: { states: ShellState[]; substituted: boolean },
    ) {
        let { states, substituted } = before ?? { states: [state], substituted: false };
        for (const part of words.flatMap((word) => word.parts)) {
            if (part.kind !== "substitution") continue;
            substituted = true;
            states = this.each(states, (start) =>
                this.subshell(part.script, start, { ...context, tested: true, captured: true }),
            );
        }
        return { states, substituted };
    }
}

/** `break` outside a loop does nothing; `return` outside a function is an error, unless CodeBuild runs commands in one. */
function outOfPlace(state: ShellState, context: Context): ShellState[] {
    if ((state.control === "break" || state.control === "continue") && !context.inLoop)
        return [running(state)];
    if (state.control === "return" && !context.inFunction)
        return [state, { ...running(state), status: "fail" }];
    return [state];
}

/** The context of what a command with these redirections runs: its output is not the log's where it goes into a file. */
function into(redirects: readonly Redirect[], context: Context): Context {
    const elsewhere = redirects.some(
        ({ operator, descriptor }) =>
            /^(?:>|>>|>\||&>|&>>)$/.test(operator) && (descriptor === "" || descriptor === "1"),
    );
    return elsewhere ? { ...context, captured: true } : context;
}

function hasSubstitution(word: Word): boolean {
    return word.parts.some((part) => part.kind === "substitution");
}

function running(state: ShellState): ShellState {
    return { ...state, control: "run" };
}

function distinctBy(
    states: { state: ShellState; failed: boolean }[],
): { state: ShellState; failed: boolean }[] {
    return [true, false].flatMap((failed) =>
        distinct(states.filter((each) => each.failed === failed).map((each) => each.state)).map((state) => ({
            state,
            failed,
        })),
    );
}
