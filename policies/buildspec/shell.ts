/**
 * Reads POSIX shell and the bash constructs that buildspecs use, into the tree of `shellSyntax.ts`. It never guesses:
 * text outside the grammar is an error, which the rules report instead of passing.
 */
import type { Assignment, List, Node, Redirect, ShellScript, SimpleCommand, Word } from "./shellSyntax";
import { TokenReader } from "./shellTokens";
import { ShellSyntaxError } from "./shellWords";

/** Longer scripts do not belong in a buildspec; refusing them bounds the time of a rule. */
const maximumLength = 60_000;
const closers = new Set(["then", "elif", "else", "fi", "do", "done", "esac", "}"]);
const assignmentHead = /^([A-Za-z_]\w*)(\[[^\]\n]*\])?(\+?)=/;
/**
 * What was read lately, in two generations: an analysis knows its commands by their trees, so a script that it still asks
 * for must not be read a second time into another tree.
 */
let recent = new Map<string, ShellScript>();
let older = new Map<string, ShellScript>();
const generationSize = 2_000;

function remembered(text: string, result: ShellScript): ShellScript {
    if (recent.size >= generationSize) {
        older = recent;
        recent = new Map();
    }
    recent.set(text, result);
    return result;
}

/** Reads one script. Never throws; equal text is read once. */
export function parseShell(text: string): ShellScript {
    const known = recent.get(text);
    if (known) return known;
    const before = older.get(text);
    if (before) return remembered(text, before);
    let result: ShellScript;
    try {
        if (text.length > maximumLength)
            throw new ShellSyntaxError(`longer than ${maximumLength} characters`);
        result = { script: new ShellReader(text).whole(), error: null };
    } catch (error) {
        if (!(error instanceof ShellSyntaxError) && !(error instanceof RangeError)) throw error;
        result = { script: null, error: error.message };
    }
    return remembered(text, result);
}

class ShellReader extends TokenReader {
    whole(): List {
        const list = this.list();
        if (!this.ended) this.fail(`unexpected ${JSON.stringify(this.current)}`);
        if (this.pending.length > 0) this.fail("here-document has no body");
        return list;
    }

    protected override substitutionBody(): List {
        return this.nested(() => {
            const list = this.list();
            this.expect(")");
            return list;
        });
    }

    protected override nestedScript(text: string): List {
        return this.nested(() => new ShellReader(text, this.depth).whole());
    }

    protected override fork(text: string): ShellReader {
        return new ShellReader(text, this.depth);
    }

    private list(): List {
        return this.nested(() => {
            const items: List["items"] = [];
            for (;;) {
                this.blanksAndNewlines();
                if (this.ended || this.current === ")" || this.at(";;") || closers.has(this.peekWord()))
                    break;
                const node = this.andOr();
                this.blanks();
                let background = false;
                if (this.at(";;") || this.at(";&")) {
                    items.push({ node, background });
                    break;
                }
                if (this.current === ";") this.position++;
                else if (this.current === "&") {
                    this.position++;
                    background = true;
                } else if (this.current === "\n") this.newline();
                else if (!this.ended && this.current !== ")")
                    this.fail(`unexpected ${JSON.stringify(this.current)}`);
                items.push({ node, background });
            }
            return { kind: "list", items };
        });
    }

    private andOr(): Node {
        const first = this.pipeline();
        const rest: { operator: "&&" | "||"; node: Node }[] = [];
        for (;;) {
            this.blanks();
            const operator = this.at("&&") ? "&&" : this.at("||") ? "||" : null;
            if (!operator) break;
            this.position += 2;
            this.blanksAndNewlines();
            rest.push({ operator, node: this.pipeline() });
        }
        return rest.length === 0 ? first : { kind: "andOr", first, rest };
    }

    private pipeline(): Node {
        let negated = false;
        for (;;) {
            this.blanks();
            const word = this.peekWord();
            if (word === "!") {
                this.position++;
                negated = !negated;
            } else if (word === "time") {
                this.position += 4;
                this.blanks();
                if (this.peekWord() === "-p") this.position += 2;
            } else break;
        }
        const commands = [this.command()];
        for (;;) {
            this.blanks();
            if (this.current !== "|" || this.at("||")) break;
            this.position += this.at("|&") ? 2 : 1;
            this.blanksAndNewlines();
            commands.push(this.command());
        }
        const only = commands[0];
        return only && commands.length === 1 && !negated ? only : { kind: "pipeline", commands, negated };
    }

    private command(): Node {
        this.blanks();
        return this.nested(() => {
            if (this.at("((")) {
                const arithmetic = this.arithmeticCommand();
                if (arithmetic) return arithmetic;
            }
            if (this.current === "(") {
                this.position++;
                const body = this.list();
                this.expect(")");
                return { kind: "subshell", body, redirects: this.redirects() };
            }
            switch (this.peekWord()) {
                case "{": {
                    this.position++;
                    const body = this.list();
                    this.keyword("}");
                    return { kind: "group", body, redirects: this.redirects() };
                }
                case "if":
                    return this.conditional();
                case "while":
                case "until": {
                    const until = this.peekWord() === "until";
                    this.position += 5;
                    const condition = this.list();
                    return {
                        kind: "loop",
                        until,
                        condition,
                        body: this.doBody(),
                        redirects: this.redirects(),
                    };
                }
                case "for":
                case "select":
                    return this.forLoop();
                case "case":
                    return this.caseCommand();
                case "function": {
                    this.position += 8;
                    this.blanks();
                    const name = this.peekWord();
                    this.position += name.length;
                    this.blanks();
                    if (this.at("()")) this.position += 2;
                    return this.functionBody(name);
                }
                case "[[":
                    return this.doubleBracket();
                case "coproc":
                    return this.fail("coproc is not read");
                default:
                    return this.simple();
            }
        });
    }

    private arithmeticCommand(): Node | null {
        const end = this.text.indexOf("))", this.position);
        const expression = end < 0 ? "" : this.text.slice(this.position + 2, end);
        if (end < 0 || /[\n;`]|\$\(/.test(expression)) return null;
        this.position = end + 2;
        return { kind: "arithmetic", expression };
    }

    private conditional(): Node {
        const clauses: { condition: List; body: List }[] = [];
        let otherwise: List | null = null;
        this.keyword("if");
        for (;;) {
            const condition = this.list();
            this.keyword("then");
            clauses.push({ condition, body: this.list() });
            if (this.peekWord() === "elif") {
                this.position += 4;
                continue;
            }
            if (this.peekWord() === "else") {
                this.position += 4;
                otherwise = this.list();
            }
            this.keyword("fi");
            return { kind: "if", clauses, otherwise, redirects: this.redirects() };
        }
    }

    private doBody(): List {
        this.blanksAndNewlines();
        this.keyword("do");
        const body = this.list();
        this.keyword("done");
        return body;
    }

    private forLoop(): Node {
        this.position += this.peekWord().length;
        this.blanks();
        if (this.at("((")) {
            if (!this.arithmeticLoopHead()) this.fail("for loop that cannot be read");
            this.blanks();
            if (this.current === ";") this.position++;
            return {
                kind: "for",
                variable: "",
                words: null,
                body: this.doBody(),
                redirects: this.redirects(),
            };
        }
        const variable = this.peekWord();
        this.position += variable.length;
        this.blanksAndNewlines();
        let words: Word[] | null = null;
        if (this.peekWord() === "in") {
            this.position += 2;
            words = [];
            for (;;) {
                this.blanks();
                if (this.ended || this.current === ";" || this.current === "\n") break;
                words.push(this.wordOrFail());
            }
        }
        this.blanks();
        if (this.current === ";") this.position++;
        return { kind: "for", variable, words, body: this.doBody(), redirects: this.redirects() };
    }

    private arithmeticLoopHead(): boolean {
        const end = this.text.indexOf("))", this.position);
        if (end < 0 || /[\n`]|\$\(/.test(this.text.slice(this.position, end))) return false;
        this.position = end + 2;
        return true;
    }

    private caseCommand(): Node {
        this.keyword("case");
        this.blanks();
        const subject = this.wordOrFail();
        this.blanksAndNewlines();
        this.keyword("in");
        const branches: { patterns: Word[]; body: List }[] = [];
        for (;;) {
            this.blanksAndNewlines();
            if (this.peekWord() === "esac") break;
            if (this.current === "(") this.position++;
            const patterns: Word[] = [];
            for (;;) {
                this.blanks();
                patterns.push(this.wordOrFail());
                this.blanks();
                if (this.current !== "|") break;
                this.position++;
            }
            this.expect(")");
            branches.push({ patterns, body: this.list() });
            if (this.at(";&") || this.at(";;&")) this.fail("case branch that falls through");
            if (this.at(";;")) this.position += 2;
        }
        this.keyword("esac");
        return { kind: "case", subject, branches, redirects: this.redirects() };
    }

    private functionBody(name: string): Node {
        this.blanksAndNewlines();
        if (name === "") this.fail("function without a name");
        return { kind: "function", name, body: this.command() };
    }

    /** `[[ … ]]`: its operators are words here, the evaluation knows them. */
    private doubleBracket(): Node {
        const start = this.position;
        const words: Word[] = [];
        for (;;) {
            this.blanks();
            if (this.ended) this.fail("[[ is not closed");
            const operator = /^(?:&&|\|\||[<>()])/.exec(this.text.slice(this.position, this.position + 2));
            if (operator) {
                this.position += operator[0].length;
                words.push({ parts: [{ kind: "text", text: operator[0], quoted: false }] });
                continue;
            }
            if (this.current === "\n") {
                this.newline();
                continue;
            }
            const closing = this.peekWord() === "]]";
            words.push(this.wordOrFail());
            if (closing) break;
        }
        const text = this.text.slice(start, this.position);
        return { kind: "simple", assignments: [], words, redirects: this.redirects(), text };
    }

    private simple(): Node {
        const start = this.position;
        const assignments: Assignment[] = [];
        const words: Word[] = [];
        const redirects: Redirect[] = [];
        for (;;) {
            this.blanks();
            if (this.ended || "\n;|)".includes(this.current) || (this.current === "&" && !this.at("&>")))
                break;
            const redirect = this.redirect();
            if (redirect) {
                redirects.push(redirect);
                continue;
            }
            if (this.current === "(") {
                const name = words.length === 1 ? (words[0] as Word) : null;
                const only = name?.parts.length === 1 ? name.parts[0] : undefined;
                if (
                    !/^\(\s*\)/.test(this.text.slice(this.position, this.position + 20)) ||
                    only?.kind !== "text"
                )
                    this.fail("unexpected (");
                this.position = this.text.indexOf(")", this.position) + 1;
                return this.functionBody(only.text);
            }
            const head =
                words.length === 0
                    ? assignmentHead.exec(this.text.slice(this.position, this.position + 300))
                    : null;
            if (head) assignments.push(this.assignment(head));
            else words.push(this.wordOrFail());
        }
        if (words.length + assignments.length + redirects.length === 0)
            this.fail(this.ended ? "a command is missing" : `unexpected ${JSON.stringify(this.current)}`);
        const node: SimpleCommand = { kind: "simple", assignments, words, redirects, text: "" };
        node.text = this.text.slice(start, this.position).trim();
        return node;
    }
}
